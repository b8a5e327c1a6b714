"""A scripted server of the OpenAI kind, over real HTTP: what models do, well or badly, on cue."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from types import TracebackType
from typing import Any, Self

MODEL = "scripted"


class Ending(StrEnum):
    """How a reply ends."""

    COMPLETE = "complete"  # finish_reason, then [DONE]
    LENGTH = "length"  # the limit of tokens was met
    CUT = "cut"  # the connection drops
    SILENT = "silent"  # the stream ends without a finish_reason
    HANG = "hang"  # nothing more comes, the connection stays open
    ENDLESS = "endless"  # the pieces come again and again
    INVALID = "invalid"  # a line that is not JSON


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: pieces of text, seconds before the first and between them, and its ending."""

    pieces: tuple[str, ...] = ()
    ending: Ending = Ending.COMPLETE
    status: int = 200
    delay: float = 0.0
    pause: float = 0.0


def typed(text: str, size: int = 7, **others: Any) -> Reply:
    """A reply that comes `size` characters at a time, so that words and markers are split."""
    pieces = tuple(text[at : at + size] for at in range(0, len(text), size))
    return Reply(pieces, **others)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    path: str
    authorization: str | None
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Every message, in order."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])


Script = Reply | Callable[[Request], Reply]


class ScriptedServer:
    """Serves replies in order on a free loopback port, the last one again and again.

    `requests` holds what was asked; `left` counts the clients that went away before the end.
    """

    def __init__(self, replies: Sequence[Script]) -> None:
        if not replies:
            raise ValueError("replies: at least one is needed")
        self._replies = tuple(replies)
        self.requests: list[Request] = []
        self.left = threading.Semaphore(0)
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """The base address that clients are given."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def next_reply(self, request: Request) -> Reply:
        """Records the request and gives its reply."""
        with self._lock:
            script = self._replies[min(len(self.requests), len(self._replies) - 1)]
            self.requests.append(request)
        return script if isinstance(script, Reply) else script(request)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to its server, as `http.server` wants a class."""

    class Handler(_Handler):
        scripted = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scripted: ScriptedServer

    def handle(self) -> None:
        """A client may drop a connection that it kept open: that is no failure of the server."""
        with suppress(ConnectionResetError):
            super().handle()

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send_json(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        else:
            self._send_json(404, {"error": {"message": "not found"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, self.headers["Authorization"], body)
        reply = self.scripted.next_reply(request)
        try:
            self.scripted.closing.wait(reply.delay)
            if reply.status != 200:
                self._send_json(reply.status, {"error": {"message": "scripted failure"}})
            elif body.get("stream"):
                self._stream(reply)
            else:
                self._send_whole(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.scripted.left.release()
            self.close_connection = True

    def _send_json(self, status: int, content: dict[str, Any]) -> None:
        self._send_bytes(status, json.dumps(content).encode())

    def _send_bytes(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_whole(self, reply: Reply) -> None:
        if reply.ending is Ending.INVALID:
            self._send_bytes(200, b"{not json")
            return
        message = {"role": "assistant", "content": "".join(reply.pieces)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._send_json(200, _envelope("chat.completion", choice))

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self._pieces(reply):
            self._send_event(_delta({"role": "assistant", "content": piece}))
            if reply.pause:
                time.sleep(reply.pause)
        if reply.ending is Ending.HANG:
            self.scripted.closing.wait()
        if reply.ending in (Ending.HANG, Ending.CUT):
            self.close_connection = True
            return
        if reply.ending is Ending.INVALID:
            self._send_line("{not json")
        if reply.ending in (Ending.COMPLETE, Ending.LENGTH):
            finish = "stop" if reply.ending is Ending.COMPLETE else "length"
            self._send_event(_delta({}, finish))
            self._send_line("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _pieces(self, reply: Reply) -> Iterator[str]:
        if reply.ending is not Ending.ENDLESS:
            yield from reply.pieces
            return
        for piece in cycle(reply.pieces):
            if self.scripted.closing.is_set():
                return
            yield piece

    def _send_event(self, content: dict[str, Any]) -> None:
        self._send_line(json.dumps(content, ensure_ascii=False))

    def _send_line(self, line: str) -> None:
        data = f"data: {line}\n\n".encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the requests are recorded instead."""


def _delta(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return _envelope("chat.completion.chunk", {"index": 0, "delta": delta, "finish_reason": finish})


def _envelope(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": MODEL, "choices": [choice]}
