"""Bringing a register to the form this version knows; one that is newer is refused."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ops.errors import Refused

HEAD = "0001"


def up_to_date(engine: Engine) -> None:
    """Make the tables, or change them to today's form."""
    with engine.execution_options(only_reads=True).connect() as connection:
        found = _version(connection)
    if found == HEAD:
        return
    if found > HEAD:
        raise Refused("the register was made by a newer version of ops", hint="install that version")
    _upgrade(engine)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if _version(connection) != HEAD:  # somebody else may have been first
            _unicode(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _unicode(connection: Connection) -> None:
    """Raise ``Refused`` for a server's database that cannot hold every text."""
    if connection.dialect.name == "postgresql":
        kept = connection.execute(text("SHOW server_encoding")).scalar_one()
        if kept != "UTF8":
            hint = "make it with ENCODING 'UTF8' TEMPLATE template0"
            raise Refused(f"the register's database keeps text as {kept}, which cannot hold every name", hint=hint)
