"""Pages work without a script, say what they must, and run nothing that a document brings."""

import html as markup
import re
from html.parser import HTMLParser

import httpx
import pytest

from vigie.ingest.documents import Document
from vigie.ui.links import source_url

QUESTION = "Qui a créé le Fonds Rivage ?"


class Page(HTMLParser):
    """Tags with their attributes, and the text of the marked passage."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self._marking = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._marking = tag == "mark"
        if self._marking:
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        self._marking = self._marking and tag != "mark"

    def handle_data(self, data: str) -> None:
        if self._marking:
            self.marked[-1] += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def assert_inert(html: str) -> Page:
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "style", "svg"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    for link in page.all("a"):
        assert not re.match(r"\s*(javascript|data|vbscript):", link["href"] or "", re.IGNORECASE)
        assert "evil.example" not in (link["href"] or "")
    return page


def test_a_newcomer_sees_what_this_is_and_asks_without_a_script(client: httpx.Client) -> None:
    page = assert_inert(client.get("/").text)
    assert page.tags[0] == ("html", {"lang": "fr"})
    (form,) = [form for form in page.all("form") if form.get("role") == "search"]
    assert (form["method"], form["action"]) == ("get", "/")
    links = {link["href"] for link in page.all("a")}
    assert {"/chat/", "/openapi.json", "/login", "#content"} <= links
    text = client.get("/").text
    assert "Documents consultables : " in text and "demo" in text
    assert len(page.all("h1")) == 1


def test_a_question_is_answered_on_the_page_with_its_sources(
    client: httpx.Client, public: Document
) -> None:
    response = client.get("/", params={"q": QUESTION})
    page = assert_inert(response.text)
    assert "coopérative Lumen" in response.text
    assert {"href": "#source-1", "class": "marker", "aria-label": "Source 1"} in page.all("a")
    assert any(item.get("id") == "source-1" for item in page.all("li"))
    assert any(f"/sources/{public.id}" in (link["href"] or "") for link in page.all("a"))
    assert "https://rivage.example/bilan" in {link["href"] for link in page.all("a")}
    assert "1er février 2024" in response.text and "page 1" in response.text


def test_the_page_speaks_english_on_demand_and_keeps_to_it(client: httpx.Client) -> None:
    page = assert_inert(client.get("/", params={"lang": "en"}).text)
    assert page.tags[0] == ("html", {"lang": "en"})
    assert "/?lang=en" in {link["href"] for link in page.all("a")}
    assert client.get("/", params={"lang": "xx"}).text.count('<html lang="fr">') == 1


def test_a_page_without_an_answer_offers_leads_not_an_answer(client: httpx.Client) -> None:
    response = client.get("/", params={"q": "Quelle est la recette du kouign-amann ?"})
    page = assert_inert(response.text)
    assert response.status_code == 200
    assert not [item for item in page.all("li") if (item.get("id") or "").startswith("source-")]


@pytest.mark.parametrize("question", ["", " ", "e" * 20_000])
def test_a_question_that_cannot_be_used_is_told_beside_its_box(
    client: httpx.Client, question: str
) -> None:
    response = client.get("/", params={"q": question})
    assert response.status_code == 422
    page = assert_inert(response.text)
    assert any(each.get("role") == "alert" for each in page.all("p"))
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "question",
    [
        '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
        "</textarea><script>alert(1)</script>",
        "{{7*7}} ${7*7} [1](javascript:alert(1))",
        "Quand le phare d’Ouessant a-t-il été bâti ?",
    ],
)
def test_nothing_in_a_question_an_answer_or_a_title_runs(
    client: httpx.Client, question: str
) -> None:
    response = client.get("/", params={"q": question})
    assert_inert(response.text)
    assert "49" not in re.sub(r"[\w-]{36}|start=\d+|end=\d+", "", response.text)


def test_a_hostile_document_is_read_as_text(client: httpx.Client, hostile: Document) -> None:
    html = client.get(f"/sources/{hostile.id}").text
    page = assert_inert(html)
    assert "&lt;script&gt;window.pwned = 1&lt;/script&gt;" in html
    assert not [link for link in page.all("a") if "original" in (link.get("rel") or "")]
    assert not [link for link in page.all("a") if (link["href"] or "").startswith("http")]


def spans(text: str) -> list[tuple[int, int]]:
    quotes = [
        "a été créé en 2017 par la coopérative Lumen",
        "Il finance l’équipement numérique des associations.",
        "| 2023 | 310 000 € |",
        "associations.\n\n- Il finance",
    ]
    return [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]


def test_a_source_opens_with_its_passage_marked_exactly(
    client: httpx.Client, public: Document
) -> None:
    for start, end in spans(public.text):

        class Cited:
            document_id = public.id

        cited = Cited()
        cited.start, cited.end = start, end  # type: ignore[attr-defined]
        page = assert_inert(client.get(source_url(cited).partition("#")[0]).text)  # type: ignore[arg-type]
        anchors = [mark for mark in page.all("mark") if mark.get("id") == "passage"]
        assert len(anchors) == 1
        wanted = re.sub(r"[\s|]|^- |\n- ", "", public.text[start:end].replace("\n- ", "\n"))
        assert re.sub(r"\s", "", "".join(page.marked)) == wanted


def test_a_source_tells_where_it_comes_from(client: httpx.Client, public: Document) -> None:
    response = client.get(f"/sources/{public.id}", params={"start": 200, "end": 210})
    for told in ("Observatoire Estran", "1er février 2024", "Rapport", "page 2"):
        assert told in response.text
    page = Page(response.text)
    original = [link for link in page.all("a") if link.get("rel")]
    assert [link["href"] for link in original] == ["https://rivage.example/bilan"]
    assert "<table>" in response.text and '<th scope="col">Année</th>' in response.text


@pytest.mark.parametrize("query", ["start=9&end=2", "start=-4&end=3", "start=0&end=999999", ""])
def test_a_span_that_is_not_there_shows_the_document_unmarked(
    client: httpx.Client, public: Document, query: str
) -> None:
    response = client.get(f"/sources/{public.id}?{query}")
    assert response.status_code == 200
    assert "<mark" not in response.text


def test_errors_are_pages_for_people_and_problems_for_programs(client: httpx.Client) -> None:
    page = client.get("/sources/inconnue", headers={"Accept": "text/html"})
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")
    assert_inert(page.text)
    problem = client.get("/sources/inconnue?start=x", headers={"Accept": "*/*"})
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_member_of_staff_signs_in_reads_and_signs_out(address: str, hidden: Document) -> None:
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as browser:
        path = f"/sources/{hidden.id}"
        assert browser.get(path).status_code == 404
        form = {"key": "cle-du-personnel", "next": path}
        signed = browser.post("/login", data=form)
        assert (signed.status_code, signed.headers["location"]) == (303, path)
        cookie = signed.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie
        assert "cle-du-personnel" not in cookie
        assert "Bernacle" in browser.get(path).text
        assert browser.post("/logout").status_code == 303
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("key", ["faux", "", "jeton-du-serveur"])
def test_a_wrong_key_signs_nobody_in(client: httpx.Client, key: str) -> None:
    response = client.post("/login", data={"key": key, "next": "//evil.example"})
    assert response.status_code == 401
    assert "set-cookie" not in response.headers
    assert_inert(response.text)


def test_another_site_cannot_sign_anyone_in(client: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = client.post("/login", data={"key": "cle-du-personnel"}, headers=headers)
    assert response.status_code == 401 and "set-cookie" not in response.headers


def test_a_condition_is_removed_without_any_script(client: httpx.Client) -> None:
    question = "Qui a créé le Fonds Rivage d’après le rapport de l’Observatoire Estran ?"
    shown = client.get("/", params={"q": question}).text
    assert "Rapports seulement" in shown and "Publié par Observatoire Estran seulement" in shown
    link = re.search(r'href="([^"]*without=kind%3Areport[^"]*)"', shown)
    assert link
    left = client.get(markup.unescape(link[1])).text
    assert "Rapports seulement" not in left
    assert "Publié par Observatoire Estran seulement" in left
