"""What each kind of source offers of a site on loopback."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import PageRefused, Unavailable, VigieError
from vigie.ingest.reading import read
from vigie.ingest.sources.declarations import Declaration, SourceKind
from vigie.ingest.sources.fetching import Fetcher
from vigie.ingest.sources.kinds import SOURCES, source_of
from vigie.ingest.sources.offers import Copy, Gone, Listing, Offer, Reach, Remembered, Same, Unread
from vigie.ingest.sources.pages import is_unchanged

HTML = {"Content-Type": "text/html"}
XML = {"Content-Type": "application/xml"}
PAGE = (
    "<html><head><title>{0}</title></head><body><main><h1>{0}</h1><p>{1}</p></main></body></html>"
)


def page(title: str, words: str = "Le fonds est ouvert aux associations du littoral.") -> bytes:
    return PAGE.format(title, words).encode()


@pytest.fixture
def memory() -> dict[str, Remembered]:
    return {}


@pytest.fixture
def reach(tmp_path: Path, memory: dict[str, Remembered]) -> Iterator[Reach]:
    folder = tmp_path / "copies"
    folder.mkdir()
    with Fetcher(allow_private=True, pause=lambda seconds: None) as fetcher:
        yield Reach(fetcher, memory.get, folder)


def declared(kind: str, *where: str, **more: Any) -> Declaration:
    return Declaration.model_validate({"name": "s", "kind": kind, "where": where, **more})


def offers(reach: Reach, source: Declaration) -> list[Offer]:
    return list(source_of(source.kind)(source, reach))


def documents(copy: Offer) -> list[Any]:
    assert isinstance(copy, Copy), copy
    found = read(copy.path, source="s", root=copy.root, defaults=copy.defaults)
    return [copy.described(document) for document in found]


def test_every_kind_has_its_module() -> None:
    assert set(SOURCES) == set(SourceKind)
    assert all(callable(source_of(kind)) for kind in SourceKind)


def test_listed_pages_become_documents_at_their_addresses(reach: Reach, site) -> None:
    site.pages["/fonds/"] = (200, HTML, page("Fonds Rivage"))
    url = f"{site.url}/fonds/"
    listing, copy = offers(reach, declared("urls", url, f"{url}#haut", publisher="Estran"))
    assert listing == Listing(1, whole=True)
    (document,) = documents(copy)
    assert (document.location, document.url) == (url, url)
    assert (document.title, document.publisher, document.kind) == (
        "Fonds Rivage", "Estran", Kind.ARTICLE
    )  # fmt: skip
    copy.discard()
    assert list(reach.folder.iterdir()) == []


def test_a_page_does_not_cite_itself_as_another_site(reach: Reach, site) -> None:
    stolen = page("Fonds").replace(
        b"</head>", b'<link rel="canonical" href="https://other.example/x"></head>'
    )
    site.pages["/a"] = (200, HTML, stolen)
    (document,) = documents(offers(reach, declared("urls", f"{site.url}/a"))[1])
    assert document.url == f"{site.url}/a"


def test_a_file_is_read_as_what_its_server_says_it_is(reach: Reach, site) -> None:
    table = "Nom du programme,Financeur,Bénéficiaires\nFonds fanfare,Région,Associations\n"
    site.pages["/export?id=3"] = (200, {"Content-Type": "text/csv"}, table.encode())
    url = f"{site.url}/export?id=3"
    (document,) = documents(offers(reach, declared("records", url))[1])
    assert document.location == f"{url}#fonds-fanfare"
    assert (document.title, document.url) == ("Fonds fanfare", url)


def test_one_page_that_fails_stops_no_other_and_one_that_is_gone_is_told(
    reach: Reach, site
) -> None:
    site.pages["/ok"] = (200, HTML, page("Bien"))
    site.pages["/closed"] = (403, {}, b"")
    found = offers(reach, declared("urls", *(f"{site.url}/{x}" for x in ("closed", "gone", "ok"))))
    assert [type(offer) for offer in found] == [Listing, Unread, Gone, Copy]


def test_an_unchanged_page_is_asked_for_and_not_sent(
    reach: Reach, site, memory: dict[str, Remembered]
) -> None:
    site.pages["/a"] = (200, HTML | {"ETag": '"1"'}, page("Bien"))
    url = f"{site.url}/a"
    copy = offers(reach, declared("urls", url))[1]
    assert isinstance(copy, Copy) and copy.remembered
    memory[url] = copy.remembered
    same = offers(reach, declared("urls", url))[1]
    assert isinstance(same, Same) and same.remembered
    assert same.remembered.etag == '"1"'


def sitemap(*entries: tuple[str, str | None], kind: str = "urlset") -> bytes:
    item = "sitemap" if kind == "sitemapindex" else "url"
    rows = "".join(
        f"<{item}><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{item}>"
        for loc, day in entries
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{kind} xmlns="{space}">{rows}</{kind}>'.encode()


def test_a_sitemap_index_with_a_packed_sitemap_lists_its_pages(reach: Reach, site) -> None:
    packed = gzip.compress(sitemap((f"{site.url}/a", None), ("https://elsewhere.example/", None)))
    site.pages["/sitemap.xml"] = (
        200, XML,
        sitemap((f"{site.url}/1.xml.gz", None), (f"{site.url}/2.xml", None), kind="sitemapindex"),
    )  # fmt: skip
    site.pages["/1.xml.gz"] = (200, {"Content-Type": "application/gzip"}, packed)
    site.pages["/2.xml"] = (200, XML, sitemap((f"{site.url}/b", None), (f"{site.url}/a", None)))
    site.pages["/a"] = site.pages["/b"] = (200, HTML, page("Bien"))
    found = offers(reach, declared("sitemap", f"{site.url}/sitemap.xml"))
    assert found[0] == Listing(2, whole=True)
    assert [offer.origin for offer in found[1:]] == [f"{site.url}/a", f"{site.url}/b"]


def test_a_page_whose_sitemap_date_has_not_moved_is_not_asked_for(
    reach: Reach, site, memory: dict[str, Remembered]
) -> None:
    site.pages["/sitemap.xml"] = (200, XML, sitemap((f"{site.url}/a", "2024-02-01T10:00:00Z")))
    site.pages["/a"] = (200, HTML, page("Bien"))
    copy = offers(reach, declared("sitemap", f"{site.url}/sitemap.xml"))[1]
    assert isinstance(copy, Copy) and copy.remembered
    memory[copy.origin] = copy.remembered
    assert isinstance(offers(reach, declared("sitemap", f"{site.url}/sitemap.xml"))[1], Same)
    assert site.paths().count("/a") == 1


@pytest.mark.parametrize(
    ("version", "before", "days", "unchanged"),
    [
        (None, None, 0, False),
        ("2024-02-01T10:00:00Z", "2024-02-01T09:00:00Z", 0, False),
        ("2024-02-01T10:00:00Z", "2024-02-01T10:00:00Z", 0, True),
        ("2024-02-01", "2024-02-01", 0, True),
        ("2024-02-01T10:00:00Z", "2024-02-01T10:00:00Z", 31, False),  # not believed for ever
        ("2024-02-01T10:00:00Z", "2024-02-01T10:00:00Z", -2, False),  # the clock jumped
    ],
)
def test_a_date_is_believed_within_reason(
    version: str | None, before: str | None, days: int, unchanged: bool
) -> None:
    checked = datetime.now(UTC) - timedelta(days=days)
    assert is_unchanged(version, Remembered(None, None, before, checked)) is unchanged


def test_a_page_changed_on_the_day_it_was_read_is_asked_for_again() -> None:
    now = datetime.now(UTC)
    today = now.date().isoformat()
    assert not is_unchanged(today, Remembered(None, None, today, now))


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Maintenance</body></html>",
        b"",
        b"not xml",
        gzip.compress(b"<urlset>" + b" " * 60_000_000 + b"</urlset>"),
        b"\x1f\x8bnot gzip",
    ],
    ids=["page", "empty", "text", "bomb", "damaged"],
)
def test_what_is_no_sitemap_breaks_off(reach: Reach, site, body: bytes) -> None:
    site.pages["/sitemap.xml"] = (200, XML, body)
    with pytest.raises(PageRefused):
        offers(reach, declared("sitemap", f"{site.url}/sitemap.xml"))


def test_a_sitemap_cut_short_is_not_taken_for_the_whole(reach: Reach, site) -> None:
    whole = sitemap((f"{site.url}/a", None), (f"{site.url}/b", None))
    site.pages["/sitemap.xml"] = (200, XML, whole[: whole.index(b"/b<")])
    site.pages["/a"] = (200, HTML, page("Bien"))
    assert offers(reach, declared("sitemap", f"{site.url}/sitemap.xml"))[0] != Listing(1, True)


def test_an_entity_bomb_expands_to_nothing(reach: Reach, site) -> None:
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(12)
    )
    bomb = f"<!DOCTYPE urlset [{entities}]><urlset><url><loc>{site.url}/&l11;</loc></url></urlset>"
    site.pages["/sitemap.xml"] = (200, XML, bomb.encode())
    assert len(repr(offers(reach, declared("sitemap", f"{site.url}/sitemap.xml")))) < 10_000


def test_an_entity_reads_no_file(reach: Reach, site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret-words", encoding="utf-8")
    feed = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss><channel><item>'
        f"<title>&x;</title><link>{site.url}/a</link></item></channel></rss>"
    )
    site.pages["/feed"] = (200, XML, feed.encode())
    site.pages["/a"] = (200, HTML, page("Bien"))
    assert "secret-words" not in repr(offers(reach, declared("feed", f"{site.url}/feed")))


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Estran</title>
<item><title>L&amp;#8217;appel d’été</title><link>{0}/appel</link>
<pubDate>Thu, 01 Feb 2024 09:00:00 +0100</pubDate></item>
<item><title>Sans lien</title></item>
<item><title>Rapport</title><guid>{0}/rapport</guid></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Estran</title>
<entry><title>L’appel</title><link rel="edit" href="{0}/edit"/><link href="/appel"/>
<published>2024-02-01T09:00:00+01:00</published><updated>2024-03-05T09:00:00Z</updated></entry>
</feed>"""


def test_an_rss_feed_gives_the_pages_that_it_links_to(reach: Reach, site) -> None:
    site.pages["/feed"] = (200, XML, RSS.format(site.url).encode())
    site.pages["/appel"] = site.pages["/rapport"] = (200, HTML, page("Titre de la page"))
    listing, first, second = offers(reach, declared("feed", f"{site.url}/feed"))
    assert listing == Listing(2, whole=False)
    (document,) = documents(first)
    assert (document.title, document.published) == ("L’appel d’été", date(2024, 2, 1))
    assert document.location == f"{site.url}/appel"
    assert second.origin == f"{site.url}/rapport"


def test_an_atom_feed_gives_dates_and_the_page_itself(reach: Reach, site) -> None:
    site.pages["/feed"] = (200, XML, ATOM.format(site.url).encode())
    site.pages["/appel"] = (200, HTML, page("Titre"))
    (document,) = documents(offers(reach, declared("feed", f"{site.url}/feed"))[1])
    assert (document.published, document.modified) == (date(2024, 2, 1), date(2024, 3, 5))


def test_a_feed_that_is_gone_breaks_off(reach: Reach, site) -> None:
    with pytest.raises(Unavailable):
        offers(reach, declared("feed", f"{site.url}/feed"))


def post(number: int, site_url: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2024-02-01T09:00:00",
        "modified": "2024-03-05T09:00:00",
        "link": f"{site_url}/article-{number}/",
        "title": {"rendered": f"L&#8217;article <em>{number}</em>"},
        "content": {"rendered": f"<h2>Aide</h2><p>L’aide numéro {number}.</p>", "protected": False},
    } | more


def query(number: int) -> str:
    return (
        f"/wp-json/wp/v2/posts?per_page=100&page={number}&orderby=id&order=asc"
        "&_fields=id,date,modified,link,title,content"
    )


def served(posts: list[Any], total: int, pages: int) -> tuple[int, dict[str, str], bytes]:
    totals = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    return 200, {"Content-Type": "application/json"} | totals, json.dumps(posts).encode()


def test_a_wordpress_post_is_its_own_html_with_its_dates(reach: Reach, site) -> None:
    site.pages["/wp-json/?_fields=name"] = (200, {}, '{"name": "Réseau &amp; Estran"}'.encode())
    site.pages[query(1)] = served([post(7, site.url)], 1, 1)
    source = declared("wordpress", site.url + "/", audience="partner")
    *_, copy, listing = offers(reach, source)
    assert listing == Listing(1, whole=True)
    (document,) = documents(copy)
    assert document.text == "## Aide\n\nL’aide numéro 7."
    assert (document.title, document.publisher) == ("L’article 7", "Réseau & Estran")
    assert (document.published, document.modified) == (date(2024, 2, 1), date(2024, 3, 5))
    assert (document.location, document.url) == (f"{site.url}/?p=7", f"{site.url}/article-7/")
    assert (document.kind, document.audience) == (Kind.ARTICLE, Audience.PARTNER)
    assert document.media_type == "text/html"


def test_wordpress_posts_come_page_by_page_without_the_protected(reach: Reach, site) -> None:
    closed = post(3, site.url, content={"rendered": "", "protected": True})
    site.pages[query(1)] = served([post(1, site.url), post(2, site.url)], 4, 2)
    site.pages[query(2)] = served([closed, post(4, site.url)], 4, 2)
    found = offers(reach, declared("wordpress", site.url))
    copies = [offer.origin for offer in found if isinstance(offer, Copy)]
    assert copies == [f"{site.url}/?p={number}" for number in (1, 2, 4)]
    assert found[-1] == Listing(4, whole=True)
    assert query(3) not in site.paths()


def test_a_wordpress_that_changes_under_our_eyes_is_not_whole(reach: Reach, site) -> None:
    site.pages[query(1)] = served([post(1, site.url), post(2, site.url)], 4, 2)
    site.pages[query(2)] = served([post(4, site.url)], 3, 2)
    assert offers(reach, declared("wordpress", site.url))[-1] == Listing(3, whole=False)


def test_a_wordpress_that_tells_no_totals_is_read_until_it_has_no_more(reach: Reach, site) -> None:
    end = json.dumps({"code": "rest_post_invalid_page_number"}).encode()
    site.pages[query(1)] = (200, {}, json.dumps([post(1, site.url)]).encode())
    site.pages[query(2)] = (200, {}, json.dumps([post(2, site.url)]).encode())
    site.pages[query(3)] = (400, {}, end)
    assert offers(reach, declared("wordpress", site.url))[-1] == Listing(2, whole=True)


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b""),
        (404, {}, b""),
        (400, {}, b"{}"),
        (200, {}, b"<html>"),
        (200, {}, b"{}"),
    ],
)
def test_a_wordpress_that_fails_half_way_breaks_off(
    reach: Reach, site, answer: tuple[int, dict[str, str], bytes]
) -> None:
    site.pages[query(1)] = served([post(1, site.url)], 101, 2)
    site.pages[query(2)] = answer
    source = declared("wordpress", site.url)
    found: list[Offer] = []
    with pytest.raises(VigieError):
        for offer in source_of(source.kind)(source, reach):
            found.append(offer)
    assert [type(offer) for offer in found] == [Listing, Copy]
    assert found[0] == Listing(101, whole=False)


def test_a_fragment_keeps_all_but_furniture(reach: Reach, site) -> None:
    body = (
        "<p>Court.</p><ul><li>Un</li><li>Deux</li></ul><table><tr><th>A</th><th>B</th></tr>"
        "<tr><td>1</td><td>2</td></tr></table><script>alert(1)</script>"
        '<div class="sharedaddy">Partager</div>'
    )
    site.pages[query(1)] = served([post(1, site.url, content={"rendered": body})], 1, 1)
    copy = offers(reach, declared("wordpress", site.url))[1]
    (document,) = documents(copy)
    assert "Court.\n\n- Un\n- Deux" in document.text
    assert "| A | B |" in document.text
    assert "alert" not in document.text
    assert "Partager" not in document.text


def test_a_copy_has_the_same_fingerprint_material_when_nothing_changed(reach: Reach, site) -> None:
    site.pages[query(1)] = served([post(1, site.url)], 1, 1)
    first, again = (offers(reach, declared("wordpress", site.url))[1] for _ in range(2))
    assert isinstance(first, Copy) and isinstance(again, Copy)
    assert replace(first, path=again.path, root=again.root) == again
