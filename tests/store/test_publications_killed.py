import hashlib
import subprocess
import sys
from pathlib import Path

from pipeline.store.reading import open_latest, read_latest
from pipeline.store.verify import verify

# Shares of the changes that the last night makes: early on, and around the steps of publishing.
KILLED_AT = (0.02, 0.3, 0.55, 0.65, 0.75, 0.85, 0.92, 1)

# Publishes the last night, and kills itself at the n-th change it makes to the disk.
LAST_NIGHT = """
import importlib.util, os, signal, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("invented", sys.argv[1])
invented = importlib.util.module_from_spec(spec)
sys.modules["invented"] = invented
spec.loader.exec_module(invented)
root, last = Path(sys.argv[2]), int(sys.argv[3])
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
step.publish(docs)
print(changes)
"""


def _last_night(root, last):
    conftest = Path(__file__).with_name("conftest.py")
    command = [sys.executable, "-c", LAST_NIGHT, str(conftest), str(root), str(last)]
    return subprocess.run(command, capture_output=True, text=True)


def _tree(root):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def _first_nights(press, corpus, name):
    step = press(name, keep_snapshots=2)
    step.publish(corpus(20))
    step.publish(corpus(30))
    return step


def test_a_kill_at_any_instant_loses_nothing_and_the_next_run_ends_in_the_same_bytes(press, corpus):
    undisturbed = _first_nights(press, corpus, "undisturbed")
    changes = int(_last_night(undisturbed.root, 0).stdout)
    expected = _tree(undisturbed.root)
    served = set()
    for share in KILLED_AT:
        killed = _first_nights(press, corpus, f"killed-{share}")
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
