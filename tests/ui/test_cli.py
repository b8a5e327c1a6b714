"""`vigie` as people run it: a process, its words, its exit status, and a server beside it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from vigie.ui.cli import main

QUESTION = "Qui a créé le Fonds Rivage ?"
PAGE = "<html><title>{0}</title><body><main><h1>{0}</h1><p>{1}</p></main></body></html>"
PAGES = {
    "fonds.html": PAGE.format(
        "Le Fonds Rivage",
        "Le Fonds Rivage a été créé en 2017 par la coopérative Lumen, à Brest.",
    ),
    "aide.html": PAGE.format(
        "Aide Estran",
        "L’aide Estran est versée par la Fondation Ressac aux associations du littoral.",
    ),
}


class Folder:
    """A working folder with a data folder, and the commands run in it."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.path, self.data = path, path / "var"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE")}
        self.environment = kept | {
            "VIGIE_DATA_DIR": str(self.data),
            "VIGIE_EMBEDDER": "demo",
            "VIGIE_PORT": "0",
            "OMP_NUM_THREADS": "1",
            **settings,
        }

    def command(self, *arguments: str) -> list[str]:
        code = "from vigie.ui.cli import main; main()"
        return [sys.executable, "-c", code, *arguments]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    @contextmanager
    def server(self) -> Iterator[tuple["subprocess.Popen[str]", str]]:
        process = subprocess.Popen(
            self.command("serve"),
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield process, line.split()[-1]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page, encoding="utf-8")
    return Folder(tmp_path)


Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Runs a command in this process, for what needs no process of its own."""
    monkeypatch.chdir(folder.path)
    for name, value in folder.environment.items():
        if name.startswith("VIGIE"):
            monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = tmp_path_factory.mktemp("vigie")
    for name, page in PAGES.items():
        (path / name).write_text(page, encoding="utf-8")
    found = Folder(path)
    done = found.run("ingest", "fonds.html", "--publisher", "Estran")
    assert done.returncode == 0, done.stderr
    return found


def test_help_is_in_french(here: Here) -> None:
    status, out, _ = here("--help")
    assert status == 0
    for word in ("Utilisation", "Commandes", "ingest", "ask", "serve", "doctor", "eval"):
        assert word in out
    assert not re.search(r"Usage|Show this|Commands\b", out)
    assert "Utilisation" in here("ask", "--help")[1]
    assert here()[1] == out


def test_help_and_a_question_to_a_server_load_nothing_heavy(folder: Folder) -> None:
    code = (
        "import sys, vigie.ui.cli, vigie.ui.work\n"
        "print({'torch', 'gradio', 'fastapi', 'qdrant_client', 'numpy'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=folder.environment)
    assert done.stdout == "set()\n", done.stderr


def test_the_version_is_told(here: Here) -> None:
    status, out, _ = here("--version")
    assert status == 0 and re.fullmatch(r"vigie \d+\.\d+\.\d+\S*\n", out)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["inconnue"], "inconnue"),
        (["ask"], "QUESTION"),
        (["ask", "a", "b"], "« b »"),
        (["ask", "a", "--rien"], "--rien"),
        (["ingest", "x", "--audience", "tous"], "public, partner, staff"),
        (["serve", "--port", "abc"], "--port"),
        (["ask", "  "], "vide"),
        (["ask", "œ" * 20_000], "20000"),
        (["ingest", "nulle-part"], "nulle-part"),
    ],
)
def test_what_is_typed_wrongly_is_told_in_words_with_status_2(
    here: Here, arguments: list[str], told: str
) -> None:
    status, out, err = here(*arguments)
    assert status == 2, err
    assert told in err
    assert "Traceback" not in err and out == ""


def test_a_wrong_setting_names_key_value_and_form(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_PORT", "huit")
    status, _, err = here("ask", QUESTION)
    assert status == 2
    assert "VIGIE_PORT" in err and "huit" in err and "écoute" in err


def test_a_folder_is_indexed_and_answers_without_a_server(here: Here) -> None:
    status, _, err = here("ingest", ".", "--publisher", "Estran")
    assert status == 0 and "indexés : 2" in err, err
    status, out, err = here("ask", QUESTION)
    assert status == 0, err
    assert "coopérative Lumen" in out
    assert "[1] Le Fonds Rivage" in out and "Estran" in out
    answer = json.loads(here("ask", QUESTION, "--json")[1])
    assert answer["citations"][0]["title"] == "Le Fonds Rivage"
    # The data folder lies in the folder indexed: it is not read as documents.
    assert "inchangés : 2 ; en échec : 0" in here("ingest", ".", "--publisher", "Estran")[2]


def test_a_file_that_cannot_be_read_is_listed_with_its_cure_and_status_1(
    here: Here, folder: Folder
) -> None:
    (folder.path / "casse.pdf").write_bytes(b"%PDF-1.7 rien")
    (folder.path / "vide.html").write_bytes(b"")
    status, _, err = here("ingest", ".")
    assert status == 1
    assert "casse.pdf" in err and "vide.html" in err
    assert "indexés : 2" in err
    assert "Traceback" not in err
    assert "coopérative Lumen" in here("ask", QUESTION)[1]


def test_commands_go_through_the_running_server_until_it_is_killed(filled: Folder) -> None:
    with filled.server() as (process, url):
        assert httpx.get(f"{url}/healthz", trust_env=False).json()["status"] == "ok"
        card = filled.data / "server.json"
        assert card.stat().st_mode & 0o777 == 0o600
        assert json.loads(card.read_text())["pid"] == process.pid
        started = time.monotonic()
        asked = filled.run("ask", QUESTION)
        assert time.monotonic() - started < 8
        assert asked.returncode == 0, asked.stderr
        assert "coopérative Lumen" in asked.stdout
        assert f"{url}/sources/" in asked.stdout
        ingested = filled.run("ingest", "aide.html", "--audience", "staff")
        assert ingested.returncode == 0, ingested.stderr
        assert "indexés : 1" in ingested.stderr
        for arguments in (["ask", "Qui verse l’aide Estran ?"], ["doctor"]):
            done = filled.run(*arguments)
            assert done.returncode == 0, done.stderr
            assert "Ressac" in done.stdout or url in done.stdout
        # What is for staff is shown to the folder's owner, not to a visitor.
        body = {"question": "Qui verse l’aide Estran ?"}
        assert "Ressac" not in httpx.post(f"{url}/v1/ask", json=body, trust_env=False).text
        missing = filled.run("ask", " ")
        assert missing.returncode == 2 and "vide" in missing.stderr
        second = filled.run("serve")
        assert second.returncode == 1 and url in second.stderr
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    # What the killed server left behind misleads nobody.
    assert card.exists()
    alone = filled.run("ask", QUESTION)
    assert alone.returncode == 0, alone.stderr
    assert "coopérative Lumen" in alone.stdout and url not in alone.stdout


class Silent(BaseHTTPRequestHandler):
    """A language model that takes a question and never answers."""

    def do_POST(self) -> None:
        time.sleep(60)

    def log_message(self, *arguments: Any) -> None:
        pass


def test_a_server_told_to_stop_ends_its_open_streams_in_time(filled: Folder) -> None:
    silent = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    silent.daemon_threads = True
    threading.Thread(target=silent.serve_forever, daemon=True).start()
    model = Folder(
        filled.path,
        VIGIE_LLM_URL=f"http://127.0.0.1:{silent.server_port}/v1",
        VIGIE_LLM_MODEL="muet",
        VIGIE_LLM_SECONDS="60",
    )
    try:
        with model.server() as (process, url):
            headers = {"Accept": "text/event-stream"}
            request = {"json": {"question": QUESTION}, "headers": headers}
            with (
                httpx.Client(timeout=30, trust_env=False) as client,
                client.stream("POST", f"{url}/v1/ask", **request) as response,
            ):
                pieces = response.iter_raw()
                assert b"message.created" in next(pieces)
                started = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert process.wait(20) == 0
                assert time.monotonic() - started < 10
                assert not (model.data / "server.json").exists()
    finally:
        silent.shutdown()
        silent.server_close()


def test_an_interrupted_ingestion_ends_with_status_130_and_loses_nothing(folder: Folder) -> None:
    many = folder.path / "beaucoup"
    many.mkdir()
    for number in range(60):
        page = PAGES["aide.html"].replace("Aide Estran", f"Aide {number}")
        (many / f"{number:03}.html").write_text(page, encoding="utf-8")
    process = subprocess.Popen(
        folder.command("ingest", "beaucoup", "fonds.html"),
        cwd=folder.path,
        env=folder.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    database = folder.data / "vigie.db"
    deadline = time.monotonic() + 60
    while not database.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    done = folder.run("ingest", "beaucoup", "fonds.html")
    assert done.returncode == 0, done.stderr
    indexed, unchanged, failed, *_ = map(int, re.findall(r"\d+", done.stderr.splitlines()[-1]))
    assert (indexed + unchanged, failed) == (61, 0), done.stderr


def test_doctor_tells_what_is_in_use_and_what_to_mend(
    here: Here, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = here("doctor")
    assert status == 0, out + err
    for told in ("Python : 3.", "demo", str(folder.data), "torch"):
        assert told in out
    monkeypatch.setenv("VIGIE_LLM_URL", "http://127.0.0.1:9/v1")
    status, _, err = here("doctor")
    assert status == 1 and "VIGIE_LLM_URL" in err


def test_the_index_is_built_again_with_another_model(here: Here) -> None:
    assert here("ingest", "fonds.html")[0] == 0
    status, _, err = here("reindex")
    assert status == 0 and "1" in err, err
    assert "coopérative Lumen" in here("ask", QUESTION)[1]
