"""A register on a PostgreSQL server: which addresses are taken, and how a transaction begins there."""

from __future__ import annotations

from ipaddress import ip_address

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from ops.errors import InvalidRequest, Refused

MAY_SAY = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "connect_timeout")
FORM = "write it as postgresql://ACCOUNT@db.example.com/register?sslmode=verify-full"
WRITING = 0x6A6E6579  # the number of the lock that the only writer holds


def server_engine(address: str, busy: int) -> Engine:
    """The database at an address, which alone says where it is; ``busy`` is how long a writer waits, in milliseconds.

    Raise ``Refused`` for an address with a password in it, and for one that would be reached without TLS.
    """
    url = _url(address)
    host = str(url.query.get("host") or url.host or "")
    if not all(_here(one) for one in host.split(",")) and url.query.get("sslmode") != "verify-full":
        said = f"the register at {host} would be reached without knowing for certain that it is that server"
        raise Refused(said, hint="end its address with ?sslmode=verify-full, and sslrootcert=FILE if need be")
    there = {"host": host, "hostaddr": "", "gssencmode": "disable"}  # whatever PGHOST and others say
    more = {"client_encoding": "utf8", "options": f"-c lock_timeout={busy}"}
    url = url.set(drivername="postgresql+psycopg", host=None).difference_update_query(["host"])
    try:
        engine = create_engine(url, isolation_level="READ COMMITTED", connect_args={**there, **more})
    except ImportError:
        said = "a register on PostgreSQL needs one more package"
        raise InvalidRequest(said, hint="pip install 'journeyman[postgres]'") from None
    event.listen(engine, "begin", _begun)
    return engine


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise InvalidRequest("the register's address cannot be read", hint=FORM) from None
    if url.get_backend_name() != "postgresql":
        raise InvalidRequest(f"the register cannot be kept by {url.get_backend_name()}", hint=FORM)
    if url.password is not None or {"password", "sslpassword"} & {*url.query}:
        hint = "take it out; it belongs in ~/.pgpass, which only you may read, or in PGPASSWORD"
        raise Refused("the register's address has a password in it", hint=hint)
    if wrong := [name for name, value in url.query.items() if name not in MAY_SAY or not isinstance(value, str)]:
        raise InvalidRequest(f"the register's address cannot say {wrong[0]}", hint=f"once each: {', '.join(MAY_SAY)}")
    return url


def _here(host: str) -> bool:
    """Whether it is this machine: a socket in a folder (the default), or loopback."""
    try:
        return host in ("", "localhost") or host.startswith(("/", "@")) or ip_address(host).is_loopback
    except ValueError:
        return False


def _begun(connection: Connection) -> None:
    """Who reads sees one moment; who writes waits for the writer before, then sees all that was written."""
    reads = connection.get_execution_options().get("only_reads")
    one_moment = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    connection.exec_driver_sql(one_moment if reads else f"SELECT pg_advisory_xact_lock({WRITING})")
