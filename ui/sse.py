"""Server-sent events, both ways: encoded for every client, decoded for the command line."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any

# Proxies commonly close a connection after 30 to 60 silent seconds; half of the smallest.
PING_SECONDS = 15.0

PING = b": ping\n\n"
MEDIA_TYPE = "text/event-stream"
# X-Accel-Buffering keeps nginx from holding the events back.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def encode(event: str, data: object) -> bytes:
    """One event whose data is JSON on a single line, accents kept."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def decode(pieces: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Name and JSON data of each event; a piece may end anywhere, even inside a character."""
    waiting = b""
    for piece in pieces:
        waiting += piece
        *blocks, waiting = waiting.split(b"\n\n")
        for block in blocks:
            # Lines end with \n alone: str.splitlines would also cut at U+2028 inside the JSON.
            lines = block.decode().split("\n")
            pairs = (line.partition(":") for line in lines if not line.startswith(":"))
            fields = {name: value.removeprefix(" ") for name, _, value in pairs}
            if "data" in fields:
                yield fields.get("event", "message"), json.loads(fields["data"])


async def with_pings(
    events: AsyncGenerator[bytes], seconds: float = PING_SECONDS
) -> AsyncGenerator[bytes]:
    """The same events with a comment in each silence; closing this closes `events` at once."""
    # Unbounded: an answer or a report of progress is small, and must not wait for a slow reader.
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def produce() -> None:
        # One task runs the whole generator: its cancel scopes must not change task midway.
        try:
            async with contextlib.aclosing(events) as opened:
                async for event in opened:
                    queue.put_nowait(event)
        finally:
            queue.put_nowait(None)

    producer = asyncio.create_task(produce())
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), seconds)
            except TimeoutError:
                yield PING
                continue
            if event is None:
                break
            yield event
        await producer
    finally:
        producer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await producer
