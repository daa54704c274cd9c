"""A plain link before a server on this machine, which can be slow, stall or break after so many octets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Link:
    """``limit`` octets from the server pass; then it is ``after``: cut, or stall for ever. ``pause`` before a piece."""

    upstream: int
    limit: float = float("inf")
    after: str = "cut"
    pause: float = 0.0
    port: int = 0
    passed: int = 0
    stalled: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.upstream), 5)
            self._open += [near, far]
            for source, sink, counts in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._carry, args=(source, sink, counts), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(16384):
                self.passed += len(piece) * counts
                time.sleep(self.pause)
                if self.passed > self.limit:
                    self.stalled.set()
                    if self.after == "stall":
                        self._over.wait()
                    break
                sink.sendall(piece)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._over.set()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextlib.contextmanager
def link(upstream: int, **settings: float | str) -> Iterator[Link]:
    """A link on loopback for the length of a with block."""
    made = Link(upstream, **settings)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]
        thread = threading.Thread(target=made.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            made.close()
            thread.join(5)
