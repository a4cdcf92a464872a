"""A proxy between a desk and an emulator that breaks chosen requests, at any byte; asyncio, loopback."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import sys
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

NOT_CARRIED_OUT = ("fin_before", "rst_before", "hang_before", "cut_request", "502_before", "refuse", "stall")
CARRIED_OUT = (
    "fin_after", "rst_after", "hang_after", "cut_header", "cut_body", "garbage", "502_after", "slow_drip",
    "late", "twice", "twice_later",
)  # fmt: skip
"""``refuse`` and ``stall`` (the connection never stands) are switched by hand: ``Proxy.listen``."""

_502 = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 21\r\nConnection: close\r\n\r\n<h1>502 Bad Gateway</"
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(slots=True)
class Fault:
    """What happens to the next ``times`` requests whose path ends so."""

    mode: str
    path: str
    seed: int
    times: int = 1


class Proxy:
    """Forwards from a port of its own to ``target``, in a thread of its own."""

    def __init__(self, target: str) -> None:
        split = urlsplit(target)
        self._target = (split.hostname or "", split.port or 80)
        self.fault, self.hits = Fault("", "", 0, 0), 0
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
        """Break the next requests that the fault concerns."""
        self.fault, self.hits = fault, 0

    def breaks(self, url: str) -> bool:
        """Whether a request to there is broken, if it is made now."""
        struck = self.fault.times > 0 and urlsplit(url).path.endswith(self.fault.path)
        return url.startswith(self.url) and (struck or not self._listening)

    def listen(self, how: str = "") -> None:
        """Take connections (``""``), ``refuse`` them, or let them ``stall`` before they stand."""
        self._listening = not how
        self._do(self._stop_listening())
        while self._stalled:
            self._stalled.pop().close()
        if how == "stall":  # a queue of waiting connections that is full: the next is not answered
            full = socket.create_server(("127.0.0.1", self._port), backlog=0)
            self._stalled = [full, *(socket.socket() for _ in range(3))]
            for one in self._stalled[1:]:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", self._port))
        elif not how:
            self._server = self._do(asyncio.start_server(self._accept, "127.0.0.1", self._port))

    def quiet(self) -> None:
        """Return when no broken request is on its way any more."""
        self._do(self._ended(self._breaking))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listen("refuse")
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
                if self.fault.times > 0 and path.endswith(self.fault.path):
                    self.fault.times, self.hits = self.fault.times - 1, self.hits + 1
                    self._breaking.add(task)
                    chance = random.Random(f"{self.fault.mode} {self.fault.seed} {self.fault.times}")
                    await self._break(self.fault.mode, chance, request, reader, writer)
                    break
                writer.write(await self._forward(request))
        self._running.discard(task)
        self._breaking.discard(task)
        writer.close()

    async def _break(
        self, mode: str, chance: random.Random, request: bytes, reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        if mode == "cut_request":
            await self._forward(request[: chance.randrange(1, len(request))], answered=False)
        elif mode == "late":
            await asyncio.sleep(chance.choice((0.01, 0.2, 0.5)))
        elif mode == "502_before":
            writer.write(_502)
        elif mode == "hang_before":
            await reader.read()
        if mode not in NOT_CARRIED_OUT:
            reply = await self._forward(request)
            await self._answer(
                mode, chance, reply if mode != "twice" else await self._forward(request), writer
            )
            if mode == "hang_after":
                await reader.read()
            elif mode == "twice_later":
                await asyncio.sleep(chance.choice((0.0, 0.05, 0.2)))
                await self._forward(request)
        if mode.startswith("rst"):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    async def _answer(
        self, mode: str, chance: random.Random, reply: bytes, out: asyncio.StreamWriter
    ) -> None:
        head = reply.index(b"\r\n\r\n") + 4
        parts = {
            "twice": reply, "twice_later": reply, "cut_header": reply[: chance.randrange(1, head)],
            "cut_body": reply[: chance.randrange(head, len(reply))], "garbage": chance.randbytes(200),
            "502_after": _502,
        }  # fmt: skip
        out.write(parts.get(mode, b""))
        if mode == "slow_drip":  # all of it in time, or too slow for the whole
            pause_s, step = chance.choice((0.002, 0.2)), 1 + len(reply) // 12
            for at in range(0, len(reply), step):
                out.write(reply[at : at + step])
                await out.drain()  # ends it when nobody waits for the rest any more
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
    """A whole request or reply: its head, and as much body as that announces."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)
