"""`winnow ui` as a person starts it, and a browser in front of it. Nothing here needs a network."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).with_name("screenshots")
WINNOW = Path(sys.executable).with_name("winnow")
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE = 600  # seconds for anything to happen on a busy machine; nothing asserts a duration
LOADED = "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"
RUNS = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"


@dataclass(frozen=True)
class Server:
    """A running `winnow ui`."""

    address: str
    output: Path

    def ask(self, query: str, **variables: object):
        """The answer to a GraphQL query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/graphql", body, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def runs(self) -> dict[str, str]:
        """The status of every run by its id, the latest first."""
        found = self.ask(RUNS)["runsOrError"]["results"]
        return {run["runId"]: run["status"] for run in found}

    def wait_for_runs(self, count: int) -> dict[str, str]:
        """All runs, once there are so many and all of them have ended."""
        ended = {"SUCCESS", "FAILURE", "CANCELED"}

        def done():
            runs = self.runs()
            return runs if len(runs) >= count and set(runs.values()) <= ended else None

        return wait(done, f"{count} runs to end")


def wait(until, what: str):
    """What `until` returns, as soon as it returns something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := until():
                return found
        except urllib.error.URLError:
            pass  # not up yet
        time.sleep(1)
    pytest.fail(f"waited {PATIENCE} seconds for {what}")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The UI over the sample documents, with an output folder of its own."""
    output = tmp_path_factory.mktemp("ui") / "out"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [WINNOW, "ui", "--input", ROOT / "seeds", "--output", output, "--port", str(port)]
    log = (output.parent / "ui.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, start_new_session=True)
    made = Server(f"http://127.0.0.1:{port}", output)

    def loaded():
        assert process.poll() is None, (output.parent / "ui.log").read_text()
        entries = made.ask(LOADED)["workspaceOrError"]["locationEntries"]
        return entries and all(one["loadStatus"] == "LOADED" for one in entries)

    try:
        wait(loaded, "the UI to load the definitions")
        yield made
    finally:
        # Its children outlive a polite end; the group is theirs alone.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium with a profile of its own."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser, server):
    """A page that reaches this machine only; `page.strangers` are hosts it asked for."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, base_url=server.address)
    made = context.new_page()
    made.set_default_timeout(PATIENCE * 1000 // 4)
    made.strangers = []
    own = (server.address, "data:", "blob:")

    # Only listens: to hold requests up here would stop the page while a test waits for a run.
    def listen(request):
        if not request.url.startswith(own):
            made.strangers.append(request.url)

    made.on("request", listen)
    yield made
    context.close()


@pytest.fixture
def snap():
    """Keeps a picture of a page for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def keep(page, name: str) -> None:
        page.wait_for_timeout(1_500)  # charts and layouts settle
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep
