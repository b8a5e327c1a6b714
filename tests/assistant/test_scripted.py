"""The scripted server behaves as the protocol says, and misbehaves on cue."""

import json

import httpx
import pytest

from vigie.assistant.generation.scripted import MODEL, Ending, Reply, Request, ScriptedServer, typed

BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Bonjour"}]}


def post(server: ScriptedServer, **more: object) -> httpx.Response:
    return httpx.post(f"{server.url}/chat/completions", json={**BODY, **more}, timeout=5)


def lines(response: httpx.Response) -> list[str]:
    return [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]


def test_models_are_listed() -> None:
    with ScriptedServer([Reply()]) as server:
        listed = httpx.get(f"{server.url}/models", timeout=5).json()
    assert [model["id"] for model in listed["data"]] == [MODEL]


def test_a_whole_reply_comes_at_once() -> None:
    with ScriptedServer([typed("Douze projets.")]) as server:
        content = post(server).json()
    assert content["choices"][0]["message"]["content"] == "Douze projets."


def test_a_streamed_reply_comes_in_pieces_and_ends() -> None:
    with ScriptedServer([typed("Douze projets.", size=3)]) as server:
        received = lines(post(server, stream=True))
    assert received[-1] == "[DONE]"
    choices = [json.loads(line)["choices"][0] for line in received[:-1]]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == "Douze projets."
    assert [choice["finish_reason"] for choice in choices][-1] == "stop"


def test_replies_follow_one_another_and_the_last_one_stays() -> None:
    with ScriptedServer([typed("un"), typed("deux")]) as server:
        said = [post(server).json()["choices"][0]["message"]["content"] for _ in range(3)]
    assert said == ["un", "deux", "deux"]


def test_requests_are_recorded_and_may_decide_the_reply() -> None:
    def echo(request: Request) -> Reply:
        return typed(request.text)

    with ScriptedServer([echo]) as server:
        said = post(server).json()["choices"][0]["message"]["content"]
    assert said == "Bonjour"
    assert [request.path for request in server.requests] == ["/v1/chat/completions"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_is_sent(status: int) -> None:
    with ScriptedServer([Reply(status=status)]) as server:
        assert post(server).status_code == status


def test_a_cut_reply_is_an_incomplete_one() -> None:
    with ScriptedServer([typed("Douze projets.", ending=Ending.CUT)]) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            post(server, stream=True)


def test_a_silent_reply_never_says_that_it_is_finished() -> None:
    with ScriptedServer([typed("Douze", ending=Ending.SILENT)]) as server:
        received = lines(post(server, stream=True))
    assert all(json.loads(line)["choices"][0]["finish_reason"] is None for line in received)


def test_an_invalid_reply_is_no_json() -> None:
    with ScriptedServer([typed("Douze", ending=Ending.INVALID)]) as server:
        with pytest.raises(json.JSONDecodeError):
            json.loads(lines(post(server, stream=True))[-1])
        with pytest.raises(json.JSONDecodeError):
            post(server).json()


def test_a_hanging_server_stops_when_it_is_closed() -> None:
    with ScriptedServer([typed("Douze", ending=Ending.HANG)]) as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{server.url}/chat/completions", json={**BODY, "stream": True}, timeout=0.3)


def test_a_client_that_leaves_an_endless_reply_is_noticed() -> None:
    with ScriptedServer([Reply(("encore ",), Ending.ENDLESS)]) as server:
        url = f"{server.url}/chat/completions"
        with httpx.stream("POST", url, json={**BODY, "stream": True}, timeout=5) as response:
            assert next(response.iter_lines())
        assert server.left.acquire(timeout=5)


def test_a_server_needs_something_to_say() -> None:
    with pytest.raises(ValueError, match="replies"):
        ScriptedServer([])
