"""Events survive any cut on their way, and a listener who leaves ends the work."""

import asyncio
from collections.abc import AsyncGenerator

from vigie.ui import sse

EVENTS = [("delta", {"text": "é « œuvre »\u2028\u0085 fin\n\nsuite"}), ("done", {"n": 1})]


def test_events_cut_between_any_two_bytes_come_out_whole() -> None:
    wire = sse.PING + b"".join(sse.encode(name, data) for name, data in EVENTS)
    for cut in range(len(wire) + 1):
        assert list(sse.decode([wire[:cut], wire[cut:]])) == EVENTS
    assert list(sse.decode(wire[i : i + 1] for i in range(len(wire)))) == EVENTS


def test_an_event_takes_one_data_line() -> None:
    assert sse.encode("delta", {"text": "a\r\nb"}).count(b"\n") == 3


async def slow(events: list[bytes], seconds: float, ended: list[str]) -> AsyncGenerator[bytes]:
    try:
        for event in events:
            await asyncio.sleep(seconds)
            yield event
    finally:
        ended.append("closed")


def test_silence_is_filled_and_nothing_is_lost() -> None:
    async def collect() -> list[bytes]:
        return [event async for event in sse.with_pings(slow([b"a", b"b"], 0.1, []), 0.03)]

    got = asyncio.run(collect())
    assert [event for event in got if event != sse.PING] == [b"a", b"b"]
    assert sse.PING in got


def test_a_listener_who_leaves_closes_the_source() -> None:
    ended: list[str] = []

    async def leave() -> None:
        stream = sse.with_pings(slow([b"a", b"b"], 0.01, ended))
        assert await anext(stream) == b"a"
        await stream.aclose()

    asyncio.run(leave())
    assert ended == ["closed"]


def test_a_source_that_fails_fails_its_listener() -> None:
    async def broken() -> AsyncGenerator[bytes]:
        yield b"a"
        raise OSError("lost")

    async def collect() -> list[bytes]:
        got = []
        try:
            async for event in sse.with_pings(broken()):
                got.append(event)
        except OSError:
            got.append(b"lost")
        return got

    assert asyncio.run(collect()) == [b"a", b"lost"]
