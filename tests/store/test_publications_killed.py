import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.store.reading import open_latest, read_latest
from pipeline.store.verify import verify

# Shares of the changes that the last night makes: early on, and around the steps of publishing.
KILLED_AT = (0.02, 0.3, 0.55, 0.65, 0.75, 0.85, 0.92, 1)

# Publishes the last night, and kills itself at the n-th change it makes to the disk.
LAST_NIGHT = """
import importlib.util, os, resource, signal, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("invented", sys.argv[1])
invented = importlib.util.module_from_spec(spec)
sys.modules["invented"] = invented
spec.loader.exec_module(invented)
root, last, limit = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
step = invented.Press(root=root, keep_snapshots=2, nights=2)
docs = invented._corpus(34)
staged, changes = step.finished(docs), 0
step.finished = lambda _: staged

def count(event, arguments):
    global changes
    if event in ("os.rename", "os.link", "os.mkdir", "os.rmdir", "os.remove"):
        changes += 1
        if changes == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
if limit:  # no file may grow beyond it: what a full disk does, as far as a program can tell
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
step.publish(docs)
print(changes)
"""


def _last_night(root, last=0, limit=0):
    conftest = Path(__file__).with_name("conftest.py")
    command = [sys.executable, "-c", LAST_NIGHT, str(conftest), str(root), *map(str, (last, limit))]
    return subprocess.run(command, capture_output=True, text=True)


def _tree(root):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_kill_at_any_instant_loses_nothing_and_the_next_run_ends_in_the_same_bytes(press, corpus):
    before = press("before", keep_snapshots=2)
    before.publish(corpus(20))
    before.publish(corpus(30))
    undisturbed = press("undisturbed", keep_snapshots=2, nights=2)
    shutil.copytree(before.root, undisturbed.root)
    changes = int(_last_night(undisturbed.root).stdout)
    expected = _tree(undisturbed.root)
    served = set()
    for share in KILLED_AT:
        killed = press(f"killed-{share}", keep_snapshots=2, nights=2)
        shutil.copytree(before.root, killed.root)
        assert _last_night(killed.root, max(1, round(share * changes))).returncode == -9
        served.add(read_latest(killed.root).publication)
        assert verify(killed.root).ok
        assert open_latest(killed.root).collect().height
        killed.publish(corpus(34))
        assert _tree(killed.root) == expected
    assert served == {2, 3}


def test_a_kill_before_the_first_publication_leaves_nothing_served(press, corpus):
    step = press()
    step.root.mkdir()
    assert _last_night(step.root, 30).returncode == -9
    assert read_latest(step.root) is None
    step.publish(corpus(34))
    assert verify(step.root).ok


def test_a_disk_without_room_is_a_named_error_and_the_last_snapshot_stays(press, corpus):
    step = press()
    step.publish(corpus(20))
    served = read_latest(step.root)
    for limit in (100, 5_000, 9_000):
        result = _last_night(step.root, limit=limit)
        assert "OutputUnwritableError" in result.stderr.splitlines()[-1]
        assert read_latest(step.root) == served
        assert verify(step.root).ok
    assert step.publish(corpus(34)).is_new
    assert not list(step.root.rglob(".*"))
