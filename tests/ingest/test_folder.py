"""Finding files and obeying manifests."""

from pathlib import Path

import pytest

from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, SourceMissing
from vigie.ingest.folder import find


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.pdf",
        "a.docx",
        ".cache.pdf",
        "~$a.docx",
        ".~lock.a.docx#",
        "Thumbs.db",
        "photo.jpg",
        "interne/note.docx",
        "interne/archives/vieille.docx",
        ".git/config.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("texte")
    return tmp_path


def names(folder: Path) -> list[str]:
    return [item.path.relative_to(folder).as_posix() for item in find([folder])]


def test_files_are_found_sorted_without_hidden_and_lock_files(folder: Path) -> None:
    assert names(folder) == [
        "a.docx",
        "b.pdf",
        "interne/archives/vieille.docx",
        "interne/note.docx",
        "photo.jpg",
    ]


def test_unknown_formats_are_listed_as_unsupported(folder: Path) -> None:
    assert [item.path.name for item in find([folder]) if not item.supported] == ["photo.jpg"]


def test_links_that_loop_end(folder: Path) -> None:
    (folder / "interne" / "retour").symlink_to(folder, target_is_directory=True)
    assert names(folder).count("a.docx") == 1
    assert len(find([folder])) == 5


def test_a_file_given_twice_is_found_once(folder: Path) -> None:
    assert len(find([folder, folder / "a.docx", folder / "interne"])) == 5


def test_a_file_alone_is_its_own_root(folder: Path) -> None:
    [item] = find([folder / "b.pdf"])
    assert item.root == folder


def test_a_missing_path_is_told(folder: Path) -> None:
    with pytest.raises(SourceMissing):
        find([folder / "absent"])


def test_a_manifest_overrides_files_folders_and_globs(folder: Path) -> None:
    (folder / "manifest.yaml").write_text(
        "- path: interne\n  audience: staff\n  publisher: Réseau des lilas\n"
        "- path: '*.pdf'\n  publisher: Fondation\n"
    )
    found = {item.path.name: item for item in find([folder])}
    assert found["vieille.docx"].audience is Audience.STAFF
    assert found["note.docx"].publisher == "Réseau des lilas"
    assert (found["b.pdf"].publisher, found["b.pdf"].audience) == ("Fondation", None)
    assert found["a.docx"].audience is None
    assert "manifest.yaml" not in found


def test_a_later_or_deeper_entry_wins(folder: Path) -> None:
    (folder / "manifest.yml").write_text(
        "documents:\n- path: interne/*\n  audience: staff\n- path: interne/note.docx\n"
        "  audience: partner\n"
    )
    (folder / "interne" / "archives" / "manifest.yaml").write_text(
        "- path: vieille.docx\n  audience: public\n"
    )
    found = {item.path.name: item.audience for item in find([folder])}
    assert found["note.docx"] is Audience.PARTNER
    assert found["vieille.docx"] is Audience.PUBLIC


def test_the_manifest_beside_a_lone_file_is_obeyed(folder: Path) -> None:
    (folder / "manifest.yaml").write_text("- path: b.pdf\n  audience: staff\n")
    [item] = find([folder / "b.pdf"])
    assert item.audience is Audience.STAFF


@pytest.mark.parametrize(
    "text",
    [
        "- path: a.docx\n  audience: secret\n",
        "- file: a.docx\n",
        "- path: a.docx\n  audiance: staff\n",
        "documents: [",
        "juste du texte",
    ],
)
def test_a_manifest_that_cannot_be_obeyed_stops_everything(folder: Path, text: str) -> None:
    (folder / "manifest.yaml").write_text(text)
    with pytest.raises(InvalidValue) as caught:
        find([folder])
    assert "manifest.yaml" in caught.value.message("fr")
    assert "manifest.yaml" in caught.value.message("en")


def test_an_entry_that_matches_nothing_is_warned_of(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "manifest.yaml").write_text("- path: interne/notte.docx\n  audience: staff\n")
    find([folder])
    assert "notte.docx" in caplog.text
