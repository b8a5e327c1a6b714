"""`vigie keys`, `users` and `widgets` as people run them, beside a server that runs."""

import io
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from vigie.ui.cli import main

CODE = "from vigie.ui.cli import main; main()"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE")}
    return kept | {
        "VIGIE_DATA_DIR": str(tmp_path / "var"),
        "VIGIE_EMBEDDER": "demo",
        "VIGIE_PORT": "0",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def here(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        if name.startswith("VIGIE"):
            monkeypatch.setenv(name, value)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


def serve(environment: dict[str, str]) -> "tuple[subprocess.Popen[str], str, list[str]]":
    """A running server, its address, and what it says on standard error."""
    server = subprocess.Popen(
        [sys.executable, "-c", CODE, "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout and server.stderr
    said: list[str] = []
    threading.Thread(target=lambda: said.extend(server.stderr or ()), daemon=True).start()
    watch = threading.Timer(90, server.kill)
    watch.start()
    url = re.search(r"http://\S+", server.stdout.readline())
    watch.cancel()
    assert url, said
    return server, url[0], said


def stop(server: "subprocess.Popen[str]") -> None:
    # Leaving closes its pipes.
    with server:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def test_the_first_start_alone_makes_an_administrator_and_commands_count_at_once(
    environment: dict[str, str],
    here: None,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    server, url, said = serve(environment)
    try:
        told = "".join(said)
        password = re.search(r"Mot de passe : (\S+)", told)
        assert url.startswith("http://127.0.0.1:") and password
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as browser:
            form = {"name": "admin", "password": password[1]}
            assert browser.post("/login", data=form).status_code == 303
        # Another process makes the key and takes it back; the server knows at once.
        assert run("keys", "create", "--name", "essai", "--scopes", "search") == 0
        key = capsys.readouterr().out.strip()
        headers = {"Authorization": f"Bearer {key}"}
        search = f"{url}/v1/search?q=a"
        assert httpx.get(search, headers=headers, trust_env=False).status_code == 200
        assert run("keys", "revoke", key.split("_")[2]) == 0
        assert httpx.get(search, headers=headers, trust_env=False).status_code == 401
    finally:
        stop(server)
    again, _, said_again = serve(environment)
    stop(again)
    assert "Mot de passe" not in "".join(said_again)
    files = (path for path in (tmp_path / "var").rglob("*") if path.is_file())
    kept = b"".join(path.read_bytes() for path in files)
    assert password[1].encode() not in kept and key.encode() not in kept


def test_keys_are_listed_without_being_shown(
    here: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("keys", "list") == 0
    run("keys", "create", "--name", "Site", "--audience", "partner", "--expires", "30d")
    key = capsys.readouterr().out.strip()
    assert run("keys", "list") == 0
    listed = capsys.readouterr().out
    assert "Site" in listed and "partner" in listed and key.split("_")[2] in listed
    assert key.split("_")[3] not in listed
    assert run("keys", "revoke", "inconnue") == 1
    assert run("keys", "create", "--name", "x", "--scopes", "tout") == 2


def test_accounts_are_made_from_standard_input(
    here: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(words: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(words))

    typed("une marée bien haute\n")
    assert run("users", "create", "Claire") == 0
    typed("court\n")
    assert run("users", "password", "Claire") == 2
    typed("une autre marée haute\n")
    assert run("users", "password", "claire") == 0
    assert run("users", "disable", "claire") == 0
    assert run("users", "disable", "paul") == 1
    assert run("users", "list") == 0
    told = capsys.readouterr()
    assert "claire" in told.out and "désactivé" in told.out
    assert "marée" not in told.out + told.err


def test_a_widget_comes_with_the_line_to_place(
    here: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "https://vigie.example/")
    origins = ("--origin", "https://asso.example", "--origin", "https://www.asso.example")
    assert run("widgets", "create", "--name", "Accueil", *origins, "--daily", "20") == 0
    line = capsys.readouterr().out.strip()
    found = re.fullmatch(
        r'<script src="https://vigie\.example/widget/v1/widget\.js" '
        r'data-widget="(w_\w+)" async></script>',
        line,
    )
    assert found
    assert run("widgets", "revoke", found[1]) == 0
    assert run("widgets", "list") == 0
    assert "https://www.asso.example" in capsys.readouterr().out
    assert run("widgets", "create", "--name", "x", "--origin", "http://asso.example") == 2
