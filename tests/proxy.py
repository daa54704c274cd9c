"""A TLS proxy before a directory server: counts what passes, and can spoil it on purpose."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAMES = {0x60: "bind", 0x63: "search", 0x66: "modify", 0x68: "add", 0x4A: "delete", 0x6C: "rename", 0x42: "unbind"}
WRITES = ("modify", "add", "delete", "rename")


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
    lasts = ("-days", str(days)) if days > 0 else ("-not_before", "20200101000000Z", "-not_after", "20200201000000Z")
    if days > 0:
        openssl("x509", "-req", "-in", "csr.pem", *lasts, *signed)
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
    carrying: list[threading.Thread] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """How many requests could change something."""
        return sum(self.seen[name] for name in WRITES)

    @property
    def ca_file(self) -> Path:
        """What a client must trust to reach it."""
        return self.folder / "ca.pem"

    def _serve(self, listening: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                raw, _ = listening.accept()
            except OSError:
                return
            carrying = threading.Thread(target=self._carry, args=(raw, context), daemon=True)
            self.carrying.append(carrying)
            carrying.start()

    def _carry(self, raw: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), raw, context.wrap_socket(raw, server_side=True) as client:
            real = ssl.create_default_context(cafile=str(self.upstream_ca))
            plain = socket.create_connection(self.upstream, 5)
            with plain, real.wrap_socket(plain, server_hostname=self.host) as server:
                cut = threading.Event()
                back = threading.Thread(target=self._back, args=(server, client, cut), daemon=True)
                back.start()
                self._forth(client, server, cut)
                back.join(5)

    def _forth(self, client: ssl.SSLSocket, server: ssl.SSLSocket, cut: threading.Event) -> None:
        for message, name in _messages(client):
            self.seen[name] += 1
            if not self.before(name, self.seen[name]):
                break
            if self.swallow(name, self.seen[name]):
                cut.set()
                server.sendall(message)
                time.sleep(0.3)
                break
            time.sleep(self.delay)
            server.sendall(message)
        for one in (client, server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _back(self, server: ssl.SSLSocket, client: ssl.SSLSocket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while piece := server.recv(65536):
                if not cut.is_set():
                    client.sendall(piece)
            client.shutdown(socket.SHUT_RDWR)


def _messages(client: ssl.SSLSocket) -> Iterator[tuple[bytes, str]]:
    """Whole LDAP messages and the name of the request in each."""
    waiting = b""
    while piece := client.recv(65536):
        waiting += piece
        while (end := _length(waiting)) and len(waiting) >= end:
            message, waiting = waiting[:end], waiting[end:]
            yield message, NAMES.get(_operation(message), "other")


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
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]
        thread = threading.Thread(target=made._serve, args=(listening, context), daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for carrying in made.carrying:
            carrying.join(5)
