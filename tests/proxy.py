"""A TLS proxy before a directory server: counts what passes, and can spoil it on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAMES = {0x60: "bind", 0x63: "search", 0x66: "modify", 0x68: "add", 0x4A: "delete", 0x6C: "rename", 0x42: "unbind"}
WRITES = ("modify", "add", "delete", "rename")
OVER = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)


def authority(folder: Path, host: str, days: int = 30, ip: str = "") -> tuple[Path, Path]:
    """A certificate authority of the test's own and a certificate for ``host``; returns (CA, cert and key)."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=20)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new, "-days", "30", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-new", *new, "-subj", f"/CN={host}", "-keyout", "key.pem", "-out", "csr.pem")
    names = f"subjectAltName=DNS:{host}" + (f",IP:{ip}" if ip else "")
    (folder / "ext").write_text(names + "\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext", "-out", "cert.pem")
    if days > 0:
        openssl("x509", "-req", "-in", "csr.pem", "-days", str(days), *signed)
    else:
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01\n")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
            "policy=p\nprivate_key=ca.key\ncertificate=ca.pem\n[p]\ncommonName=supplied\n"
        )
        openssl("ca", "-batch", "-config", "ca.cnf", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z",
                "-extfile", "ext", "-in", "csr.pem", "-out", "cert.pem", "-notext")  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return folder / "ca.pem", both


@dataclass
class Proxy:
    """``seen`` counts requests by name. ``before`` is asked about each request: False cuts the connection
    instead of passing it on; ``swallow`` says whether the answer to it is thrown away and the connection cut.

    One thread carries everything: OpenSSL lets no two threads read and write one connection at once.
    """

    host: str
    upstream: tuple[str, int]
    upstream_ca: Path
    folder: Path
    days: int = 30
    before: Callable[[str, int], bool] = lambda name, number: True
    swallow: Callable[[str, int], bool] = lambda name, number: False
    delay: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)
    port: int = 0

    @property
    def writes(self) -> int:
        """How many requests could change something."""
        return sum(self.seen[name] for name in WRITES)

    @property
    def ca_file(self) -> Path:
        """What a client must trust to reach it."""
        return self.folder / "ca.pem"

    async def listen(self, context: ssl.SSLContext) -> asyncio.Server:
        """Begin to carry."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        real = ssl.create_default_context(cafile=str(self.upstream_ca))
        host, port = self.upstream
        with contextlib.suppress(*OVER):
            server, to_server = await asyncio.open_connection(host, port, ssl=real, server_hostname=self.host)
            back = asyncio.create_task(_back(server, to_client))
            with contextlib.suppress(*OVER):
                await self._forth(client, to_server, back)
            back.cancel()
            to_server.transport.abort()
        to_client.transport.abort()

    async def _forth(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, back: asyncio.Task[None]
    ) -> None:
        while True:
            message, name = await _message(client)
            self.seen[name] += 1
            if not self.before(name, self.seen[name]):
                return
            if self.swallow(name, self.seen[name]):
                back.cancel()
                server.write(message)
                await server.drain()
                await asyncio.sleep(0.3)
                return
            await asyncio.sleep(self.delay)
            server.write(message)
            await server.drain()


async def _back(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await server.read(65536):
            client.write(piece)
            await client.drain()
        client.close()


async def _message(client: asyncio.StreamReader) -> tuple[bytes, str]:
    """One whole LDAP message and the name of the request in it."""
    message = await client.readexactly(6)
    message += await client.readexactly(_length(message) - 6)
    return message, NAMES.get(_operation(message), "other")


def _length(data: bytes) -> int:
    """How long the message at the start of the data is; 0 if that cannot be said yet."""
    if len(data) < 6:
        return 0
    if data[1] < 128:
        return 2 + data[1]
    size = data[1] & 127
    return 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def _operation(message: bytes) -> int:
    start = 2 if message[1] < 128 else 2 + (message[1] & 127)
    return message[start + 2 + message[start + 1]]


@contextlib.contextmanager
def proxy(**settings: object) -> Iterator[Proxy]:
    """A proxy on loopback for the length of a with block."""
    made = Proxy(**settings)  # type: ignore[arg-type]
    _, both = authority(made.folder, made.host, made.days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with _running() as loop:
        server = asyncio.run_coroutine_threadsafe(made.listen(context), loop).result(10)
        yield made
        loop.call_soon_threadsafe(server.close)


@contextlib.contextmanager
def _running() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own; what still runs in it at the end is ended."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end_all() -> None:
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
