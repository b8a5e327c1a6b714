"""Rounds over real folders and a real site: in step with them, and never emptied by accident."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from vigie.index.hits import Query
from vigie.index.progress import Change, Progress
from vigie.index.rehearsal import rehearse
from vigie.index.rounds import sync
from vigie.ingest.documents import Audience
from vigie.ingest.errors import Unavailable
from vigie.ingest.isolation import ReaderPool
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Fetcher

Round = Callable[..., dict[str, Progress]]


def hasty(allow_private: bool) -> Fetcher:
    return Fetcher(allow_private=allow_private, pause=lambda seconds: None)


def declared(name: str, kind: str, *where: object, **more: Any) -> Declaration:
    said = {"name": name, "kind": kind, "where": [str(place) for place in where]}
    return Declaration.model_validate(said | {"allow_private": True} | more)


@pytest.fixture
def round_(catalogue, index, demo) -> Round:
    """Goes round; the last progress of each source."""

    def go(*sources: Declaration, confirm: bool = False) -> dict[str, Progress]:
        told = sync(
            sources,
            catalogue=catalogue,
            index=index,
            embedder=demo,
            confirm=confirm,
            fetching=hasty,
        )
        return {progress.source: progress for progress in told}

    return go


@pytest.fixture
def plan(catalogue) -> Callable[..., list[Progress]]:
    def rehearsed(*sources: Declaration, confirm: bool = False) -> list[Progress]:
        return list(rehearse(sources, catalogue=catalogue, confirm=confirm, fetching=hasty))

    return rehearsed


@pytest.fixture
def files(tmp_path: Path) -> Path:
    root = tmp_path / "files"
    root.mkdir()
    for number in range(12):
        (root / f"{number:02}.txt").write_text(
            f"Note {number}\n\nLa subvention numéro {number} est versée.\n", encoding="utf-8"
        )
    return root


def locations(catalogue) -> list[str]:
    return sorted(document.location for document in catalogue.walk())


def consistent(catalogue, index) -> bool:
    """Every document is found by its chunks, and there are no others."""
    hits = index.dense_search(Query("subvention", Audience.STAFF, limit=1000))
    known = {document.id: document.text for document in catalogue.walk()}
    quoted = all(known.get(hit.document_id, "")[hit.start : hit.end] == hit.text for hit in hits)
    return quoted and {hit.document_id for hit in hits} == set(known)


def test_a_folder_is_followed(round_: Round, files: Path, catalogue, index) -> None:
    source = declared("notes", "folder", files)
    first = round_(source)["notes"]
    assert (first.found, first.new, first.failed, first.removed) == (12, 12, 0, 0)
    (files / "00.txt").unlink()
    (files / "01.txt").write_text("Note 1\n\nLa subvention est refusée.\n", encoding="utf-8")
    (files / "12.txt").write_text("Note 12\n\nUne autre subvention.\n", encoding="utf-8")
    then = round_(source)["notes"]
    assert (then.new, then.changed, then.unchanged, then.removed) == (1, 1, 10, 1)
    assert locations(catalogue) == [f"{number:02}.txt" for number in range(1, 13)]
    assert consistent(catalogue, index)
    assert round_(source)["notes"].unchanged == 12


def test_an_unchanged_folder_is_not_even_read(
    round_: Round, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = declared("notes", "folder", files)
    round_(source)
    monkeypatch.setattr(ReaderPool, "read", None)
    assert round_(source)["notes"].unchanged == 12


def test_a_file_that_moved_is_no_loss_and_old_links_lead_to_it(
    round_: Round, files: Path, catalogue, index
) -> None:
    source = declared("notes", "folder", files)
    round_(source)
    former = {document.location: document.id for document in catalogue.walk()}
    (files / "2024").mkdir()
    for number in range(12):
        shutil.move(files / f"{number:02}.txt", files / "2024" / f"{number:02}.txt")
    last = round_(source)["notes"]
    assert (last.moved, last.new, last.removed, last.held) == (12, 0, 0, 0)
    found = catalogue.get(former["03.txt"], Audience.PUBLIC)
    assert found and found.location == "2024/03.txt"
    assert consistent(catalogue, index)
    (files / "2024").rename(files / "archives")
    round_(source)
    found = catalogue.get(former["03.txt"], Audience.PUBLIC)
    assert found and found.location == "archives/03.txt"
    assert catalogue.count(Audience.STAFF) == 12


def test_a_moved_document_is_as_hidden_as_it_was(round_: Round, files: Path, catalogue) -> None:
    source = declared("notes", "folder", files, audience="staff")
    round_(source)
    former = next(catalogue.walk())
    (files / former.location).rename(files / "ailleurs.txt")
    round_(source)
    assert catalogue.get(former.id, Audience.PUBLIC) is None
    assert catalogue.get(former.id, Audience.STAFF)


def test_a_large_loss_waits_for_a_confirmation(
    round_: Round, files: Path, catalogue, index
) -> None:
    source = declared("notes", "folder", files)
    round_(source)
    for number in range(5):
        (files / f"{number:02}.txt").unlink()
    held = round_(source)["notes"]
    assert (held.change, held.held, held.removed) == (Change.HELD, 5, 0)
    assert catalogue.count(Audience.STAFF) == 12
    assert catalogue.ledger.outcomes()["notes"].counts["held"] == 5
    sure = round_(source, confirm=True)["notes"]
    assert (sure.held, sure.removed) == (0, 5)
    assert catalogue.count(Audience.STAFF) == 7
    assert consistent(catalogue, index)


def test_a_folder_that_is_not_mounted_empties_nothing(
    round_: Round, files: Path, catalogue
) -> None:
    source = declared("notes", "folder", files)
    round_(source)
    files.rename(files.with_name("elsewhere"))
    assert round_(source)["notes"].error is not None
    files.mkdir()
    assert round_(source)["notes"].held == 12
    assert catalogue.count(Audience.STAFF) == 12


def test_an_export_cut_off_keeps_its_rows_until_confirmed(
    round_: Round, tmp_path: Path, catalogue, index
) -> None:
    head = "Nom du programme,Financeur,Bénéficiaires\n"
    table = tmp_path / "aides.csv"
    rows = [f"Subvention {number},Région,Associations\n" for number in range(10)]
    table.write_text(head + "".join(rows), encoding="utf-8")
    source = declared("aides", "records", table)
    round_(source)
    table.write_text(head + "".join(rows[:2]), encoding="utf-8")
    for _ in range(2):
        assert round_(source)["aides"].held == 8
        assert len(catalogue.programmes(Audience.PUBLIC)) == 10
    assert round_(source, confirm=True)["aides"].removed == 8
    assert consistent(catalogue, index)
    assert round_(source)["aides"].unchanged == 1


def test_a_file_that_failed_and_left_is_no_failure_any_more(
    round_: Round, files: Path, catalogue
) -> None:
    (files / "vide.txt").write_text(" ", encoding="utf-8")
    source = declared("notes", "folder", files)
    assert round_(source)["notes"].failed == 1
    (files / "vide.txt").unlink()
    assert (round_(source)["notes"].failed, catalogue.failures()) == (0, [])


def test_a_source_that_breaks_off_does_not_stop_the_next(
    round_: Round, files: Path, tmp_path: Path, catalogue
) -> None:
    broken = declared("absente", "folder", tmp_path / "absent")
    told = round_(broken, declared("notes", "folder", files))
    assert told["absente"].error and told["notes"].new == 12
    outcomes = catalogue.ledger.outcomes()
    assert (outcomes["absente"].code, outcomes["notes"].code) == ("source_missing", None)


def test_two_sources_do_not_prune_each_other(
    round_: Round, files: Path, tmp_path: Path, catalogue
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Une subvention encore.", encoding="utf-8")
    both = declared("notes", "folder", files), declared("autre", "folder", other)
    round_(*both)
    round_(both[1])
    assert catalogue.count(Audience.STAFF) == 13


def test_a_rehearsal_tells_everything_and_changes_nothing(
    round_: Round, plan: Callable[..., list[Progress]], files: Path, catalogue, index
) -> None:
    source = declared("notes", "folder", files)
    assert plan(source)[-1].new == 12
    assert catalogue.count(Audience.STAFF) == 0
    round_(source)
    (files / "00.txt").unlink()
    (files / "01.txt").rename(files / "déplacé.txt")
    (files / "02.txt").write_text("Note 2\n\nUne subvention changée.\n", encoding="utf-8")
    (files / "nouveau.txt").write_text("Une subvention nouvelle.", encoding="utf-8")
    told = plan(source)
    changes = {item.current: item.change for item in told[:-1]}
    changes = {name: change for name, change in changes.items() if change is not Change.UNCHANGED}
    assert changes == {
        "02.txt": Change.CHANGED,
        "déplacé.txt": Change.NEW,
        "nouveau.txt": Change.NEW,
        "01.txt": Change.MOVED,
        "00.txt": Change.REMOVED,
    }
    done = round_(source)["notes"]
    for name in ("found", "new", "changed", "unchanged", "moved", "removed", "held"):
        assert getattr(told[-1], name) == getattr(done, name), name
    for number in range(3, 9):
        (files / f"{number:02}.txt").unlink()
    assert plan(source)[-1].held == 6
    assert plan(source, confirm=True)[-1].removed == 6
    assert catalogue.count(Audience.STAFF) == 12
    assert consistent(catalogue, index)


class WordPress:
    """A site of the WordPress REST interface; `failing` pages answer 500."""

    def __init__(self) -> None:
        self.posts: dict[int, dict[str, Any]] = {}
        self.failing: set[int] = set()
        self.per_page = 100
        self.requests = 0
        blog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, headers, body = blog.answer(parts.path, asked)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def publish(self, number: int, words: str, modified: str = "2024-02-01T10:00:00") -> None:
        self.posts[number] = {
            "id": number,
            "date": "2024-02-01T10:00:00",
            "modified": modified,
            "link": f"{self.url}/article-{number}/",
            "title": {"rendered": f"Article {number}"},
            "content": {
                "rendered": f"<p>La subvention {number} : {words}.</p>",
                "protected": False,
            },
        }

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        self.requests += 1
        if path == "/wp-json/":
            return 200, {}, {"name": "Réseau Estran"}
        if path != "/wp-json/wp/v2/posts":
            return 404, {}, {"code": "rest_no_route"}
        number, size = int(asked["page"]), min(int(asked["per_page"]), self.per_page)
        found = [self.posts[key] for key in sorted(self.posts)]
        pages = -(-len(found) // size)
        if number in self.failing:
            return 500, {}, {"code": "internal_server_error"}
        if number > max(1, pages):
            return 400, {}, {"code": "rest_post_invalid_page_number"}
        totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return 200, totals, found[(number - 1) * size : number * size]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def blog() -> Iterator[WordPress]:
    served = WordPress()
    served.per_page = 4
    for number in range(1, 11):
        served.publish(number, "ouverte à tous")
    yield served
    served.close()


def test_a_wordpress_site_is_followed_through_edits_and_deletions(
    round_: Round, blog: WordPress, catalogue, index
) -> None:
    source = declared("blog", "wordpress", blog.url)
    first = round_(source)["blog"]
    assert (first.found, first.new, first.failed) == (10, 10, 0)
    blog.publish(3, "réservée aux associations sportives", modified="2024-05-01T08:00:00")
    blog.publish(11, "annoncée")
    del blog.posts[7], blog.posts[10]
    then = round_(source)["blog"]
    assert (then.found, then.new, then.changed, then.unchanged) == (9, 1, 1, 7)
    assert then.removed == 2
    found = index.search(Query("associations sportives", limit=1))[0]
    assert found.url == f"{blog.url}/article-3/"
    assert (found.publisher, found.modified and found.modified.month) == ("Réseau Estran", 5)
    assert f"{blog.url}/?p=7" not in locations(catalogue)
    assert consistent(catalogue, index)
    assert round_(source)["blog"].unchanged == 9


def test_a_site_that_fails_half_way_loses_nothing_and_keeps_what_was_read(
    round_: Round, blog: WordPress, catalogue, index
) -> None:
    source = declared("blog", "wordpress", blog.url)
    round_(source)
    blog.publish(1, "modifiée")
    del blog.posts[2], blog.posts[9]
    blog.failing = {2}
    broken = round_(source)["blog"]
    assert broken.error and broken.error.code == "unavailable"
    assert (broken.changed, broken.removed, broken.held) == (1, 0, 0)
    assert catalogue.count(Audience.STAFF) == 10
    assert consistent(catalogue, index)
    blog.failing = set()
    mended = round_(source)["blog"]
    assert (mended.error, mended.changed, mended.removed) == (None, 0, 2)
    assert consistent(catalogue, index)


def test_a_site_that_comes_back_empty_is_not_believed(
    round_: Round, blog: WordPress, catalogue
) -> None:
    source = declared("blog", "wordpress", blog.url)
    round_(source)
    blog.posts.clear()
    assert round_(source)["blog"].held == 10
    assert catalogue.count(Audience.STAFF) == 10


def test_a_new_audience_closes_every_page_of_a_site(round_: Round, blog: WordPress, index) -> None:
    round_(declared("blog", "wordpress", blog.url))
    assert round_(declared("blog", "wordpress", blog.url, audience="staff"))["blog"].changed == 10
    assert index.search(Query("subvention", Audience.PUBLIC)) == []
    assert index.search(Query("subvention", Audience.STAFF))


def test_a_site_on_the_private_network_is_refused_unless_it_was_opened(
    round_: Round, blog: WordPress
) -> None:
    told = round_(declared("blog", "wordpress", blog.url, allow_private=False))["blog"]
    assert told.error and "allow_private" in str(told.error)
    assert blog.requests == 0


class Pages:
    """Plain pages that answer 304 to whoever has them."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.sent: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag, words = pages.pages.get(self.path, ("", ""))
                kept = tag and self.headers["If-None-Match"] == tag
                self.send_response(304 if kept else 200 if tag else 404)
                self.send_header("Content-Type", "text/html")
                self.send_header("ETag", tag)
                self.end_headers()
                if tag and not kept:
                    pages.sent.append(self.path)
                    self.wfile.write(f"<html><h1>Page</h1><p>{words}</p></html>".encode())

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def pages() -> Iterator[Pages]:
    served = Pages()
    served.pages = {
        "/a": ('"a1"', "La subvention est ouverte aux associations du littoral breton."),
        "/b": ('"b1"', "La subvention est fermée aux entreprises du littoral breton."),
    }
    yield served
    served.close()


def test_pages_are_sent_again_only_when_they_changed(
    round_: Round, pages: Pages, catalogue, index
) -> None:
    source = declared("pages", "urls", f"{pages.url}/a", f"{pages.url}/b")
    assert round_(source)["pages"].new == 2
    assert round_(source)["pages"].unchanged == 2
    assert pages.sent == ["/a", "/b"]
    pages.pages["/a"] = ('"a2"', "La subvention est désormais ouverte à toutes les communes.")
    del pages.pages["/b"]
    then = round_(source)["pages"]
    assert (then.changed, then.removed) == (1, 1)
    assert pages.sent == ["/a", "/b", "/a"]
    assert locations(catalogue) == [f"{pages.url}/a"]
    assert consistent(catalogue, index)


def test_what_is_said_of_a_source_reaches_pages_that_have_not_changed(
    round_: Round, pages: Pages, catalogue
) -> None:
    round_(declared("pages", "urls", f"{pages.url}/a"))
    last = round_(declared("pages", "urls", f"{pages.url}/a", audience="staff"))["pages"]
    assert last.changed == 1
    assert {document.audience for document in catalogue.walk()} == {Audience.STAFF}


def test_an_index_that_was_emptied_is_filled_from_pages_that_have_not_changed(
    round_: Round, pages: Pages, catalogue, index
) -> None:
    source = declared("pages", "urls", f"{pages.url}/a", f"{pages.url}/b")
    round_(source)
    for document in catalogue.walk():
        index.remove(document.id)
    round_(source)
    assert consistent(catalogue, index)


def test_a_full_disk_ends_the_round_in_words_and_the_next_goes_on(
    round_: Round, files: Path, catalogue, index, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = declared("notes", "folder", files)
    usage = shutil.disk_usage(files)
    with monkeypatch.context() as full, pytest.raises(Unavailable, match="Mo sur ce disque"):
        full.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
        round_(source)
    assert round_(source)["notes"].found == 12
    assert consistent(catalogue, index)


def test_a_database_that_fails_half_way_ends_the_round_in_words(
    round_: Round, files: Path, catalogue, index
) -> None:
    words = "La subvention est versée à la commune de Brest. " * 500
    (files / "long.txt").write_text(words, encoding="utf-8")
    source = declared("notes", "folder", files)
    with catalogue._writes.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = f"PRAGMA max_page_count = {pages + 1}"

    def cramp(connection: Any, *rest: object) -> None:
        connection.execute(limit)

    sa.event.listen(catalogue._writes, "checkout", cramp)
    with pytest.raises(Unavailable, match="full"):
        round_(source)
    limit = "PRAGMA max_page_count = 1000000"
    assert round_(source)["notes"].found == 13
    assert consistent(catalogue, index)
