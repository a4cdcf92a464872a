"""A proxy between a desk and an emulator (asyncio, loopback) that breaks chosen requests at any byte."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import sys
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from paydesk.sandbox.server.delivery import WITHOUT_WORK
from paydesk.sandbox.server.faults import FaultKind

NO_CONNECTION = (FaultKind.REFUSED, FaultKind.STALLED)
PLAYED = (
    FaultKind.CLOSED_BEFORE, FaultKind.RESET_BEFORE, FaultKind.HANG_BEFORE, FaultKind.CUT_REQUEST,
    FaultKind.BAD_GATEWAY_BEFORE, *NO_CONNECTION, FaultKind.CLOSED_AFTER, FaultKind.RESET_AFTER,
    FaultKind.HANG_AFTER, FaultKind.CUT_HEADER, FaultKind.CUT_BODY, FaultKind.NOT_HTTP,
    FaultKind.BAD_GATEWAY_AFTER, FaultKind.SLOW_DRIP, FaultKind.LATE, FaultKind.DUPLICATE_DELIVERY,
    FaultKind.DUPLICATE_LATER,
)  # fmt: skip

_502 = replace(WITHOUT_WORK[FaultKind.BAD_GATEWAY_BEFORE], headers={"Connection": "close"}).to_bytes()
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(slots=True)
class Fault:
    """The fault of the next ``times`` requests with this end of their path."""

    kind: FaultKind
    path: str
    seed: int
    times: int = 1


class Proxy:
    """Forwards from its own port to ``target``, on its own thread."""

    def __init__(self, target: str) -> None:
        split = urlsplit(target)
        self._target = (split.hostname or "", split.port or 80)
        self._fault: Fault | None = None
        self.hits = 0
        self._running, self._breaking = set[asyncio.Task[None]](), set[asyncio.Task[None]]()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self._port = int(self._server.sockets[0].getsockname()[1])
        self._stalled: list[socket.socket] = []
        self._listening = True
        self.url = f"http://127.0.0.1:{self._port}{split.path}"

    def arm(self, fault: Fault) -> None:
        """Break the next requests that match the fault. Raises ValueError for a kind that is not PLAYED.

        A connection that is refused or stalled concerns every request until ``mend``.
        """
        if fault.kind not in PLAYED:
            raise ValueError(f"the proxy cannot play {fault.kind}")
        self.hits = 0
        if fault.kind in NO_CONNECTION:
            self._listen(fault.kind)
        else:
            self._fault = fault

    def mend(self) -> None:
        """Accept connections, and break nothing."""
        self._fault = None
        if not self._listening:
            self._listen()

    def breaks(self, url: str) -> bool:
        """Return True if a request to that URL would be broken now."""
        return url.startswith(self.url) and (
            not self._listening or self._struck(urlsplit(url).path) is not None
        )

    def _struck(self, path: str) -> Fault | None:
        """Return the fault of a request to that path."""
        fault = self._fault
        return fault if fault and fault.times > 0 and path.endswith(fault.path) else None

    def _listen(self, how: FaultKind | None = None) -> None:
        """Accept connections, refuse them, or let them stall before they are established."""
        self._listening = how is None
        self._do(self._stop_listening())
        while self._stalled:
            self._stalled.pop().close()
        if how is FaultKind.STALLED:  # the backlog is full, so the next connection gets no answer
            full = socket.create_server(("127.0.0.1", self._port), backlog=0)
            self._stalled = [full, *(socket.socket() for _ in range(3))]
            for one in self._stalled[1:]:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", self._port))
        elif how is None:
            self._server = self._do(asyncio.start_server(self._accept, "127.0.0.1", self._port))

    def quiet(self) -> None:
        """Wait until no broken request is under way."""
        self._do(self._ended(self._breaking))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listen(FaultKind.REFUSED)
        for task in tuple(self._running):
            self._loop.call_soon_threadsafe(task.cancel)
        self._do(self._ended(self._running))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _ended(self, tasks: set[asyncio.Task[None]]) -> None:
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _stop_listening(self) -> None:
        self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                request = await _message(reader)
                path = request.split(b" ", 2)[1].partition(b"?")[0].decode()
                if fault := self._struck(path):
                    fault.times, self.hits = fault.times - 1, self.hits + 1
                    self._breaking.add(task)
                    chance = random.Random(f"{fault.kind} {fault.seed} {fault.times}")
                    await self._break(fault.kind, chance, request, reader, writer)
                    break
                writer.write(await self._forward(request))
        self._running.discard(task)
        self._breaking.discard(task)
        writer.close()

    async def _break(
        self, kind: FaultKind, chance: random.Random, request: bytes, reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        if kind is FaultKind.CUT_REQUEST:
            await self._forward(request[: chance.randrange(1, len(request))], answered=False)
        elif kind is FaultKind.LATE:
            await asyncio.sleep(chance.choice((0.2, 0.5, 0.8)))
        elif kind is FaultKind.BAD_GATEWAY_BEFORE:
            writer.write(_502)
        elif kind is FaultKind.HANG_BEFORE:
            await reader.read()
        if kind.carried_out:
            reply = await self._forward(request)
            if kind is FaultKind.DUPLICATE_DELIVERY:
                reply = await self._forward(request)
            await self._answer(kind, chance, reply, writer)
            if kind is FaultKind.HANG_AFTER:
                await reader.read()
            elif kind is FaultKind.DUPLICATE_LATER:
                await asyncio.sleep(chance.choice((0.0, 0.05, 0.2)))
                await self._forward(request)
        if kind in (FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    async def _answer(
        self, kind: FaultKind, chance: random.Random, reply: bytes, out: asyncio.StreamWriter
    ) -> None:
        head = reply.index(b"\r\n\r\n") + 4
        parts = {  # of every other kind, nothing arrives
            FaultKind.LATE: reply,
            FaultKind.DUPLICATE_DELIVERY: reply,
            FaultKind.DUPLICATE_LATER: reply,
            FaultKind.CUT_HEADER: reply[: chance.randrange(1, head)],
            FaultKind.CUT_BODY: reply[: chance.randrange(head, len(reply))],
            FaultKind.NOT_HTTP: chance.randbytes(200),
            FaultKind.BAD_GATEWAY_AFTER: _502,
        }
        out.write(parts.get(kind, b""))
        if kind is FaultKind.SLOW_DRIP:  # the whole answer in time, or too slowly
            pause_s, step = chance.choice((0.002, 0.2)), 1 + len(reply) // 12
            for at in range(0, len(reply), step):
                out.write(reply[at : at + step])
                await out.drain()  # raises once nobody waits for the rest
                await asyncio.sleep(pause_s)
        await out.drain()

    async def _forward(self, request: bytes, *, answered: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(request)
            await writer.drain()
            return await _message(reader) if answered else b""
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a whole request or reply: its head, and the body that the head announces."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)
