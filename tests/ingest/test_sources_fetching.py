"""Pages from real sockets: polite, bounded, and never from a private address by surprise."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from vigie.ingest.errors import PageRefused, Unavailable
from vigie.ingest.sources import fetching
from vigie.ingest.sources.fetching import Fetcher, SiteDown, retry_after

HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def fetcher(pauses: list[float]) -> Iterator[Fetcher]:
    with Fetcher(allow_private=True, pause=pauses.append) as opened:
        yield opened


def test_a_page_is_fetched_with_its_type_and_final_address(fetcher: Fetcher, site) -> None:
    site.pages["/a"] = (301, {"Location": "/b"}, b"")
    site.pages["/b"] = (200, HTML, b"<p>Bonjour</p>")
    page = fetcher.get(f"{site.url}/a")
    assert (page.url, page.media_type, page.data) == (
        f"{site.url}/b",
        "text/html",
        b"<p>Bonjour</p>",
    )
    assert site.asked[1][1]["User-Agent"].startswith("Vigie/")


def test_a_page_that_has_not_changed_is_not_sent_again(fetcher: Fetcher, site) -> None:
    site.pages["/a"] = (200, HTML | {"ETag": '"1"'}, b"<p>Bonjour</p>")
    first = fetcher.get(f"{site.url}/a")
    again = fetcher.get(f"{site.url}/a", etag=first.headers["etag"])
    assert (again.status, again.data) == (304, b"")


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_no_error(fetcher: Fetcher, site, status: int) -> None:
    site.pages["/a"] = (status, {}, b"")
    assert fetcher.get(f"{site.url}/a").gone


def test_robots_txt_is_read_once_and_obeyed(fetcher: Fetcher, site) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /prive/\n")
    site.pages["/a"] = site.pages["/prive/a"] = (200, HTML, b"<p>Bonjour</p>")
    fetcher.get(f"{site.url}/a")
    with pytest.raises(PageRefused, match="robots"):
        fetcher.get(f"{site.url}/prive/a")
    assert site.paths() == ["/robots.txt", "/a"]


def test_a_redirect_into_what_robots_txt_closes_is_refused(fetcher: Fetcher, site) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /prive/\n")
    site.pages["/a"] = (302, {"Location": "/prive/a"}, b"")
    with pytest.raises(PageRefused, match="robots"):
        fetcher.get(f"{site.url}/a")


def test_a_site_whose_robots_txt_fails_is_not_read(fetcher: Fetcher, site) -> None:
    site.pages["/robots.txt"] = (500, {}, b"")
    site.pages["/a"] = (200, HTML, b"<p>Bonjour</p>")
    with pytest.raises(PageRefused, match="robots"):
        fetcher.get(f"{site.url}/a")


def test_requests_to_a_host_are_spaced_as_it_asks(
    fetcher: Fetcher, site, pauses: list[float]
) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 4\n")
    site.pages["/a"] = (200, HTML, b"<p>Bonjour</p>")
    fetcher.get(f"{site.url}/a")
    fetcher.get(f"{site.url}/a")
    assert all(3 < pause <= 4 for pause in pauses[-2:])


def test_what_fails_for_a_moment_is_tried_again(
    fetcher: Fetcher, site, pauses: list[float]
) -> None:
    site.pages["/a"] = [(503, {"Retry-After": "7"}, b""), (500, {}, b""), (200, HTML, b"<p>A</p>")]
    assert fetcher.get(f"{site.url}/a").data == b"<p>A</p>"
    assert 7.0 in pauses


def test_a_site_that_asks_for_long_patience_is_left_alone(
    fetcher: Fetcher, site, pauses: list[float]
) -> None:
    site.pages["/a"] = (429, {"Retry-After": "86400"}, b"")
    with pytest.raises(Unavailable, match="429"):
        fetcher.get(f"{site.url}/a")
    assert site.paths().count("/a") == 1
    assert max(pauses, default=0) < 60


def test_a_site_that_is_down_is_not_asked_for_every_page(fetcher: Fetcher, site) -> None:
    for number in range(fetching.FAILURES_IN_A_ROW):
        site.pages[f"/{number}"] = (500, {}, b"")
        with pytest.raises(Unavailable):
            fetcher.get(f"{site.url}/{number}")
    asked = len(site.asked)
    with pytest.raises(SiteDown):
        fetcher.get(f"{site.url}/last")
    assert len(site.asked) == asked


def test_a_refusal_is_not_tried_again(fetcher: Fetcher, site) -> None:
    site.pages["/a"] = (403, {}, b"")
    with pytest.raises(PageRefused, match="403"):
        fetcher.get(f"{site.url}/a")
    assert site.paths().count("/a") == 1


def test_redirects_that_go_round_end(fetcher: Fetcher, site) -> None:
    site.pages["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(PageRefused, match="redirections"):
        fetcher.get(f"{site.url}/a")


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "http://[nothing/", "//",
     "http://me:secret@127.0.0.1/", "javascript:alert(1)"],
)  # fmt: skip
def test_a_redirect_to_anything_but_a_page_is_refused(fetcher: Fetcher, site, target: str) -> None:
    site.pages["/a"] = (302, {"Location": target}, b"")
    with pytest.raises((PageRefused, Unavailable)):
        fetcher.get(f"{site.url}/a")


def test_a_page_that_is_too_large_is_dropped(fetcher: Fetcher, site) -> None:
    site.pages["/a"] = (200, HTML, b"x" * 100_000)
    with pytest.raises(PageRefused, match="0.05 Mo"):
        fetcher.get(f"{site.url}/a", largest=50_000)


def test_a_small_answer_that_unpacks_without_end_is_dropped(fetcher: Fetcher, site) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    site.pages["/a"] = (200, HTML | {"Content-Encoding": "gzip"}, bomb)
    with pytest.raises(PageRefused, match="1 Mo"):
        fetcher.get(f"{site.url}/a", largest=1_000_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_encodings_that_nobody_asked_for_are_refused(fetcher: Fetcher, site, encoding: str) -> None:
    site.pages["/a"] = (200, HTML | {"Content-Encoding": encoding}, b"x")
    with pytest.raises(PageRefused):
        fetcher.get(f"{site.url}/a")


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Serves raw bytes on loopback: the port of a server that does this to each connection."""
    opened: list[socket.socket] = []

    def start(talk: Callable[[socket.socket], None]) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        talk(connection)
                    except OSError:
                        continue

        threading.Thread(target=accept, daemon=True).start()
        return int(listening.getsockname()[1])

    yield start
    for listening in opened:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def test_a_page_that_drips_is_left(
    fetcher: Fetcher, serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.3)

    def drip(connection: socket.socket) -> None:
        asked = connection.recv(4096)
        if b"robots.txt" in asked:
            connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x" * fetching.CHUNK_BYTES)
            time.sleep(0.05)

    started = time.monotonic()
    with pytest.raises(PageRefused, match="secondes"):
        fetcher.get(f"http://127.0.0.1:{serve(drip)}/")
    assert time.monotonic() - started < 5


def test_an_answer_cut_short_is_not_taken_for_the_page(fetcher: Fetcher, serve) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<p>Bonj")

    with pytest.raises(Unavailable):
        fetcher.get(f"http://127.0.0.1:{serve(cut)}/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]",
                                  "2130706433", "0x7f000001", "0177.0.0.1", "127.1"])  # fmt: skip
def test_nothing_private_is_even_connected_to(site, host: str) -> None:
    with Fetcher(pause=lambda seconds: None) as careful, pytest.raises(PageRefused):
        careful.get(f"http://{host}:{site.port}/")
    assert site.asked == []


def test_a_name_that_resolves_anew_after_the_check_gains_nothing(site) -> None:
    """DNS rebinding: the first answer is what is checked and what is connected to."""
    site.pages["/"] = (200, HTML, b"secret")
    answers = iter(["203.0.113.9"])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [next(answers, "127.0.0.1")]

    with Fetcher(resolve=rebinding, pause=lambda seconds: None) as careful:
        for _ in range(2):
            with pytest.raises((PageRefused, Unavailable)):
                careful.get(f"http://rebinding.example:{site.port}/")
    assert asked
    assert site.asked == []


def test_each_connection_goes_to_the_address_that_was_checked_for_it(site) -> None:
    """One resolution a request, and the host's own name in it."""
    site.pages["/"] = (200, HTML, b"Bonjour")
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with Fetcher(allow_private=True, resolve=resolve, pause=lambda seconds: None) as fetcher:
        page = fetcher.get(f"http://intranet.example:{site.port}/")
    assert page.data == b"Bonjour"
    assert asked == ["intranet.example"] * len(site.asked)
    assert {headers["Host"] for _, headers in site.asked} == {f"intranet.example:{site.port}"}


def test_an_address_that_does_not_answer_leaves_its_turn_to_the_next(site) -> None:
    site.pages["/"] = (200, HTML, b"Bonjour")
    addresses = ["127.0.0.2", "::1", "127.0.0.1"]
    pauses: list[float] = []
    with Fetcher(
        allow_private=True, resolve=lambda host, port: addresses, pause=pauses.append
    ) as fetcher:
        assert fetcher.get(f"http://intranet.example:{site.port}/").data == b"Bonjour"
    assert all(pause <= fetching.PAUSE_SECONDS for pause in pauses)


def test_a_public_site_cannot_redirect_into_the_private_network(site) -> None:
    """The public host is played by loopback; only its own name is let through to it."""
    site.pages["/"] = (302, {"Location": f"http://localhost:{site.port}/secret"}, b"")
    site.pages["/secret"] = (200, HTML, b"secret")

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "public.example" else ["169.254.169.254"]

    with (
        Fetcher(allow_private=True, resolve=resolve, pause=lambda seconds: None) as fetcher,
        pytest.raises(PageRefused, match="réseau interne"),
    ):
        fetcher.get(f"http://public.example:{site.port}/")
    assert "/secret" not in site.paths()


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 0), ("12", 12), ("soon", 0), ("-3", 0), ("", 0)]
)
def test_retry_after_is_a_number_of_seconds_or_nothing(header: str | None, seconds: int) -> None:
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < retry_after(later) <= 90
