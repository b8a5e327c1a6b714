"""What the README says is what happens: every command in it runs here."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from vigie.assistant.settings import Settings
from vigie.ingest.sources.declarations import declared

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.compile(r"```sh\n(.*?)```", re.S)
COMMANDS = [
    line.strip()
    for block in SHELL.findall(README)
    for line in block.replace("\\\n", " ").splitlines()
    if line.strip()
]
TABLED = re.findall(r"^\| `\.venv/bin/(vigie \w+)", README, re.M)
MAKE = re.findall(r"^\| `make (\w+)`", README, re.M)
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A data folder of its own and the quick embedder; the commands are the README's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    folder = tmp_path_factory.mktemp("readme")
    return kept | {
        "VIGIE_DATA_DIR": str(folder / "var"),
        "VIGIE_EMBEDDER": "demo",
        "VIGIE_PORT": str(free_port()),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "no_proxy": "127.0.0.1",
    }


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    adapted = command.replace(".venv/bin/", f"{BIN}/").replace("8000", environment["VIGIE_PORT"])
    return subprocess.run(
        adapted, shell=True, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=240
    )


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        [str(BIN / "vigie"), "serve", "--sample"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{environment['VIGIE_PORT']}/healthz"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, trust_env=False).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.2)
    yield
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(
    command: str, environment: dict[str, str], server: None
) -> None:
    done = run(command, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).strip()


def test_there_are_commands_to_run() -> None:
    assert len(COMMANDS) >= 5
    assert {"vigie ingest", "vigie ask", "vigie serve", "vigie doctor", "vigie eval"} <= set(TABLED)


@pytest.mark.parametrize("command", TABLED)
def test_every_tabled_command_exists(command: str, environment: dict[str, str]) -> None:
    done = run(f".venv/bin/{command} --help", environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", MAKE)
def test_every_tabled_target_exists(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_example_of_sources_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.S)
    (tmp_path / "sources.yaml").write_text(example, encoding="utf-8")
    assert [source.name for source in declared(tmp_path / "sources.yaml")] == ["notes", "reseau"]


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"VIGIE_(\w+)", README))
    assert {name.upper() for name in Settings.model_fields} == documented
    assert len(Settings.model_fields) <= 25
