"""One owner at a time; what a killed server leaves behind misleads nobody."""

import json
import os
import stat
from pathlib import Path

import pytest

from vigie.ingest.errors import IndexLocked, Unavailable
from vigie.ui import handover


def nobody() -> None:
    raise AssertionError("nothing to wait for")


def test_a_free_folder_is_owned(tmp_path: Path) -> None:
    with handover.owning(tmp_path / "var", nobody) as server:
        assert server is None
    with handover.owning(tmp_path / "var", nobody) as server:
        assert server is None


def test_a_running_server_is_found_with_its_token_kept_private(tmp_path: Path) -> None:
    with (
        handover.owning(tmp_path, nobody),
        handover.announced(tmp_path, "http://127.0.0.1:9", "jeton"),
    ):
        assert stat.S_IMODE((tmp_path / "server.json").stat().st_mode) == 0o600
        with handover.owning(tmp_path, nobody) as server:
            assert server == handover.Running(os.getpid(), "http://127.0.0.1:9", "jeton")
    assert not (tmp_path / "server.json").exists()
    assert handover.running(tmp_path) is None


@pytest.mark.parametrize(
    "left",
    [
        json.dumps({"pid": 2**22 + 1, "url": "http://127.0.0.1:9", "token": "x"}),
        # A pid that lives again, as some other program: nobody holds the folder.
        json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:9", "token": "x"}),
        '{"pid": 1',
        "[]",
        "{}",
        "",
    ],
)
def test_what_a_killed_server_left_is_ignored(tmp_path: Path, left: str) -> None:
    (tmp_path / "server.json").write_text(left)
    with handover.owning(tmp_path, nobody) as server:
        assert server is None


def test_a_second_command_waits_says_so_once_and_gives_up_in_words(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        handover.owning(tmp_path, nobody),
        pytest.raises(IndexLocked),
        handover.owning(tmp_path, lambda: told.append("waiting"), patience=0.8),
    ):
        pass
    assert told == ["waiting"]


def test_a_server_that_does_not_answer_is_an_error_in_words() -> None:
    gone = handover.Running(os.getpid(), "http://127.0.0.1:9", "x")
    with pytest.raises(Unavailable):
        list(handover.events(gone, "/v1/ask", {}, "fr"))
    with pytest.raises(Unavailable):
        handover.fetch(gone, "/healthz")
