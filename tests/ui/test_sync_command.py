"""`vigie sync` and `vigie sources` as people run them, alone or beside a server."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from vigie.ui.cli import main

Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "notes"
    docs.mkdir()
    for number in range(7):
        (docs / f"{number}.txt").write_text(
            f"Note {number}. La subvention numéro {number} est versée à Brest.", encoding="utf-8"
        )
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "sources.yaml").write_text(
        "sources:\n  - {name: notes, kind: folder, where: ../notes}\n", encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("VIGIE_DATA_DIR", str(folder / "var"))
    monkeypatch.setenv("VIGIE_EMBEDDER", "demo")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_a_round_tells_what_it_did_and_sources_how_they_stand(here: Here) -> None:
    assert "jamais" in here("sources")[1]
    status, out, _ = here("sync")
    assert status == 0
    assert "notes : 7 trouvés ; nouveaux : 7" in out
    status, out, _ = here("sources")
    assert status == 0
    assert "documents : 7" in out


def test_a_dry_run_tells_each_file_and_changes_nothing(here: Here) -> None:
    status, out, _ = here("sync", "--dry-run")
    assert status == 0
    assert out.count("+ notes ") == 7
    assert "Rien n’a été changé" in out
    assert "documents : 0" in here("sources")[1]


def test_a_large_loss_has_a_status_of_its_own_until_confirmed(here: Here, folder: Path) -> None:
    here("sync")
    for number in range(6):
        (folder / "notes" / f"{number}.txt").unlink()
    status, out, err = here("sync")
    assert (status, "retirés : 0" in out) == (3, True)
    assert "vigie sync notes --confirm" in err
    status, _, err = here("sources")
    assert (status, "--confirm" in err) == (1, True)
    status, out, _ = here("sync", "notes", "--confirm")
    assert (status, "retirés : 6" in out) == (0, True)
    assert here("sources")[0] == 0


def test_what_failed_is_told_again_by_sources(here: Here, folder: Path) -> None:
    (folder / "notes" / "cassé.pdf").write_bytes(b"%PDF-1.7 and nothing that follows")
    status, _, err = here("sync")
    assert (status, "cassé.pdf" in err) == (1, True)
    assert "cassé.pdf" in here("sources")[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sync", "autre"), "notes"),
        (("sync", "--sources", "absent.yaml"), "absent.yaml"),
        (("sources", "--sources", "absent.yaml"), "absent.yaml"),
    ],
)
def test_what_is_typed_wrongly_is_told_before_any_work(
    here: Here, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    status, _, err = here(*arguments)
    assert (status, words in err) == (2, True)
    assert not (folder / "var" / "index").exists()


def test_a_round_beside_a_server_is_gone_by_the_server(here: Here, folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "VIGIE_PORT"}
    serving = subprocess.Popen(
        [sys.executable, "-c", "from vigie.ui.cli import main; main()", "serve"],
        cwd=folder,
        env=environment | {"VIGIE_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert serving.stdout is not None
    try:
        url = serving.stdout.readline().split()[-1]
        status, out, err = here("sync")
        assert status == 0, err
        assert url in err
        assert "nouveaux : 7" in out
        assert "documents : 7" in here("sources")[1]
        # Only the owner of the data folder may name files of this machine.
        refused = httpx.post(f"{url}/v1/sync", json={"sources": "/x"}, trust_env=False)
        assert refused.status_code in (401, 403)
    finally:
        serving.kill()
        serving.wait()
        serving.stdout.close()


def test_a_source_that_is_no_longer_declared_is_told_and_forgotten_when_confirmed(
    here: Here, folder: Path
) -> None:
    here("sync")
    assert here("sync", "--forget", "notes")[0] == 2
    (folder / "var" / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
    told = here("sources")
    assert "n’est plus déclarée — documents : 7" in told[1] + told[2]
    status, out, err = here("sync", "--forget", "notes")
    assert (status, "7 documents seraient retirés" in out + err) == (3, True)
    status, out, _ = here("sync", "--forget", "notes", "--confirm")
    assert (status, "retirés : 7" in out) == (0, True)
    told = here("sources")
    assert "notes" not in told[1] + told[2]
    assert here("sync", "--forget", "notes", "--confirm")[0] == 2
