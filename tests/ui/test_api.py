"""The HTTP interface over real HTTP: answers, streams, errors, and what stays hidden."""

import json
from typing import Any

import httpx
import pytest

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Document
from vigie.ui import sse

QUESTION = "Qui a créé le Fonds Rivage ?"
SECRET = "Que prévoit le projet Bernacle ?"


def ask(client: httpx.Client, question: object, **more: Any) -> httpx.Response:
    return client.post("/v1/ask", json={"question": question} | more)


def stream(client: httpx.Client, question: str, **more: Any) -> list[tuple[str, Any]]:
    body = {"question": question} | more
    headers = {"Accept": sse.MEDIA_TYPE}
    with client.stream("POST", "/v1/ask", json=body, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(sse.MEDIA_TYPE)
        return list(sse.decode(response.iter_raw(1)))


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"] and body["detail"]
    return body


def test_an_answer_quotes_its_source_word_for_word(client: httpx.Client, public: Document) -> None:
    answer = ask(client, QUESTION).json()
    assert not answer["abstained"]
    assert "coopérative Lumen" in answer["text"]
    cited = answer["citations"][0]
    assert cited["document_id"] == public.id
    assert public.text[cited["start"] : cited["end"]] == cited["quote"]
    assert cited["place"] == {"kind": "page", "label": "1"}
    page = client.get(cited["source_url"])
    assert page.status_code == 200


def test_the_stream_tells_the_same_as_the_whole_answer(client: httpx.Client) -> None:
    events = stream(client, QUESTION)
    names = [name for name, _ in events]
    assert names[:2] == ["message.created", "sources"]
    assert set(names[2:-1]) == {"delta"} and names[-1] == "done"
    done = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "delta") == done["text"]
    whole = ask(client, QUESTION).json()
    done.pop("seconds"), whole.pop("seconds")
    assert done == whole


def test_a_follow_up_leans_on_the_conversation(client: httpx.Client) -> None:
    turns = [{"question": QUESTION, "answer": "La coopérative Lumen [1]."}]
    answer = ask(client, "Et combien d’associations a-t-il soutenues ?", conversation=turns)
    assert answer.status_code == 200
    assert "128" in answer.text


def test_filters_narrow_what_is_read(client: httpx.Client) -> None:
    answer = ask(client, QUESTION, filters={"kinds": ["article"], "published_from": "2020-01-01"})
    assert answer.status_code == 200
    assert all(hit["kind"] == "article" for hit in answer.json()["consulted"])
    assert answer.json()["citations"] == []


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question_is_refused_in_words(client: httpx.Client, question: str) -> None:
    assert_problem(ask(client, question), 422, "question_empty")
    headers = {"Accept": sse.MEDIA_TYPE, "Accept-Language": "en"}
    response = client.post("/v1/ask", json={"question": question}, headers=headers)
    assert "empty" in assert_problem(response, 422, "question_empty")["detail"]


def test_a_question_of_20000_characters_is_refused_and_the_next_is_answered(
    client: httpx.Client,
) -> None:
    problem = assert_problem(ask(client, "œ" * 20_000), 422, "question_too_long")
    assert "œœ" not in json.dumps(problem, ensure_ascii=False)
    assert ask(client, QUESTION).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.question"),
        ({"question": 3}, "body.question"),
        ({"question": "q", "filters": {"kinds": ["secret-kind"]}}, "body.filters.kinds.0"),
        ({"question": "q", "filters": {"published_from": "hier"}}, "body.filters.published_from"),
        ({"question": "q", "audience": "staff"}, "body"),
        ({"question": "q", "language": "de"}, "body.language"),
        ({"question": "q", "conversation": [{"question": "a"}]}, "body.conversation.0.answer"),
        ({"question": "q", "conversation": [{"question": "a", "answer": "b"}] * 21}, None),
        (["question"], "body"),
    ],
)
def test_a_wrong_body_is_told_field_by_field_and_never_echoed(
    client: httpx.Client, body: Any, field: str | None
) -> None:
    problem = assert_problem(client.post("/v1/ask", json=body), 422, "invalid_request")
    assert problem["errors"][0]["field"] == (field or "body.conversation")
    told = json.dumps(problem)
    assert "secret-kind" not in told and "hier" not in told


@pytest.mark.parametrize("content", [b"{", b"", b'{"question":"\\ud800"}', b"\xff", b"[" * 9999])
def test_a_body_that_is_no_question_is_a_problem(client: httpx.Client, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post("/v1/ask", content=content, headers=headers)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert ask(client, QUESTION).status_code == 200


def test_a_form_of_another_site_cannot_ask(client: httpx.Client) -> None:
    content = json.dumps({"question": QUESTION})
    response = client.post("/v1/ask", content=content, headers={"Content-Type": "text/plain"})
    assert response.status_code == 422


def test_hidden_and_absent_are_the_same(client: httpx.Client, hidden: Document) -> None:
    absent = "0" * 8 + hidden.id[8:]
    for path in ("/v1/documents/{}", "/sources/{}"):
        for accept in ("*/*", "text/html"):
            found = [
                client.get(path.format(each), headers={"Accept": accept})
                for each in (hidden.id, absent)
            ]
            assert [response.status_code for response in found] == [404, 404]
            texts = [found[0].text.replace(hidden.id, "ID"), found[1].text.replace(absent, "ID")]
            assert texts[0] == texts[1]
            kept = [
                {name: value for name, value in response.headers.items() if name not in VARYING}
                for response in found
            ]
            assert kept[0] == kept[1]


VARYING = {"date", "x-request-id"}


def test_a_visitor_finds_nothing_of_what_is_hidden(client: httpx.Client) -> None:
    found = ask(client, SECRET).text + client.get("/v1/search", params={"q": "Bernacle"}).text
    found += client.get("/", params={"q": SECRET}).text
    found += "".join(json.dumps(data) for _, data in stream(client, SECRET))
    assert "Ressac" not in found and "Note interne" not in found


def test_staff_see_what_is_hidden_from_visitors(staff: httpx.Client, hidden: Document) -> None:
    assert "Ressac" in ask(staff, SECRET).text
    assert staff.get(f"/v1/documents/{hidden.id}").json()["text"] == hidden.text
    assert staff.get("/healthz").json()["documents"] == 4


def test_the_body_cannot_change_who_asks(client: httpx.Client) -> None:
    for more in ({"audience": "staff"}, {"caller": {"audience": "staff"}}):
        assert ask(client, SECRET, **more).status_code == 422


def test_a_wrong_key_is_refused_everywhere(client: httpx.Client) -> None:
    headers = {"Authorization": "Bearer faux"}
    for path in ("/healthz", "/v1/search?q=a", "/v1/programmes", "/v1/documents/x"):
        response = client.get(path, headers=headers)
        assert_problem(response, 401, "not_allowed")
        assert response.headers["www-authenticate"] == "Bearer"


def test_search_gives_passages_with_their_place(client: httpx.Client, public: Document) -> None:
    found = client.get("/v1/search", params={"q": "équipement numérique", "limit": 2}).json()
    assert 1 <= len(found["hits"]) <= 2
    hit = next(hit for hit in found["hits"] if hit["document_id"] == public.id)
    assert public.text[hit["start"] : hit["end"]] == hit["text"]
    none = client.get("/v1/search", params={"q": "Rivage", "kind": "webinar"}).json()
    assert none["hits"] == []
    assert client.get("/v1/search", params={"q": "Rivage", "publisher": "x"}).json()["hits"] == []


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=a&limit=0", "q=a&from=x", "q=a&kind=x"])
def test_a_search_that_cannot_be_made_is_a_problem(client: httpx.Client, query: str) -> None:
    response = client.get(f"/v1/search?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_document_comes_with_its_passages(client: httpx.Client, public: Document) -> None:
    found = client.get(f"/v1/documents/{public.id}").json()
    assert found["text"] == public.text
    assert found["publisher"] == "Observatoire Estran"
    assert found["url"] == "https://rivage.example/bilan"
    assert found["passages"]
    for passage in found["passages"]:
        assert public.text[passage["start"] : passage["end"]].strip()


def test_an_original_that_is_no_web_page_is_not_offered(
    client: httpx.Client, hostile: Document
) -> None:
    assert client.get(f"/v1/documents/{hostile.id}").json()["url"] is None


def test_programmes_are_listed_with_typed_fields(client: httpx.Client, programme: Document) -> None:
    found = client.get("/v1/programmes").json()
    assert found["count"] == 1
    (one,) = found["programmes"]
    assert (one["document_id"], one["closes"]) == (programme.id, "2030-06-30")
    assert client.get("/v1/programmes?offset=1").json()["programmes"] == []


def test_only_staff_may_ingest(client: httpx.Client, vigie: Vigie) -> None:
    files = [("files", ("note.html", b"<p>bonjour</p>"))]
    assert_problem(client.post("/v1/ingest", files=files), 401, "not_allowed")
    partner = {"Authorization": "Bearer cle-du-partenaire"}
    assert_problem(client.post("/v1/ingest", files=files, headers=partner), 403, "not_allowed")
    assert not (vigie.settings.data_dir / "uploads").exists()


def test_only_the_owner_of_the_folder_may_name_paths(staff: httpx.Client) -> None:
    response = staff.post("/v1/ingest/paths", json={"paths": ["/etc/passwd"], "source": "cli"})
    assert_problem(response, 403, "not_allowed")


def test_an_uploaded_file_is_kept_inside_its_folder_indexed_and_answers(
    staff: httpx.Client, vigie: Vigie
) -> None:
    page = (
        "<html><title>Le Moulin des Aulnes</title><body><main><h1>Le Moulin des Aulnes</h1>"
        "<p>Le Moulin des Aulnes a été restauré en 1987 par l’association Roue libre.</p>"
        "</main></body></html>"
    )
    files = [("files", ("../../moulin.html", page.encode())), ("files", ("vide.html", b""))]
    with staff.stream("POST", "/v1/ingest", files=files, data={"publisher": "Roue libre"}) as sent:
        assert sent.status_code == 200
        events = list(sse.decode(sent.iter_bytes()))
    assert events[-1][0] == "done"
    assert (events[-1][1]["done"], events[-1][1]["failed"]) == (2, 1)
    (failure,) = [data for name, data in events if name == "failure"]
    assert "vide.html" in failure["message"]
    assert (vigie.settings.data_dir / "uploads" / "moulin.html").exists()
    answer = ask(staff, "Qui a restauré le Moulin des Aulnes ?").json()
    assert "Roue libre" in answer["text"]


def test_the_owner_hears_of_a_path_that_is_not_there(client: httpx.Client, run_token: str) -> None:
    body = {"paths": ["/nulle/part"], "source": "cli"}
    headers = {"Authorization": f"Bearer {run_token}", "Accept-Language": "en"}
    with client.stream("POST", "/v1/ingest/paths", json=body, headers=headers) as response:
        (event,) = sse.decode(response.iter_bytes())
    assert event[0] == "error"
    assert event[1]["code"] == "source_missing" and "does not exist" in event[1]["detail"]


REPORT_QUESTION = "Qui a créé le Fonds Rivage d’après le rapport de l’Observatoire Estran ?"


def test_facets_are_told_and_can_be_refused(client: httpx.Client) -> None:
    facets = ask(client, REPORT_QUESTION).json()["facets"]
    assert {"id": "kind:report", "label": "Rapports", "kind": "filter"} in facets
    assert [facet["kind"] for facet in facets] == ["filter", "filter"]
    refused = [facet["id"] for facet in facets]
    answer = ask(client, REPORT_QUESTION, without_facets=refused).json()
    assert answer["facets"] == []
    assert "coopérative Lumen" in answer["text"]
    assert_problem(ask(client, QUESTION, without_facets="kind:report"), 422, "invalid_request")


def test_a_search_tells_its_facets_and_takes_refusals(client: httpx.Client) -> None:
    found = client.get("/v1/search", params={"q": REPORT_QUESTION}).json()
    assert [facet["id"] for facet in found["facets"]] == [
        "publisher:observatoire-estran",
        "kind:report",
    ]
    assert {hit["kind"] for hit in found["hits"]} == {"report"}
    params = {"q": REPORT_QUESTION, "without_facets": [f["id"] for f in found["facets"]]}
    wider = client.get("/v1/search", params=params).json()
    assert wider["facets"] == [] and len(wider["hits"]) > len(found["hits"])


def test_the_conditions_of_a_list_of_programmes_can_be_refused(client: httpx.Client) -> None:
    question = "Quels programmes pour les associations en Normandie ?"
    assert ask(client, question).json()["method"] != "programmes"
    answer = ask(client, question, without_facets=["territory:28"]).json()
    assert answer["method"] == "programmes" and "Vague numérique" in answer["text"]
    assert "kind:programme" in [facet["id"] for facet in answer["facets"]]
