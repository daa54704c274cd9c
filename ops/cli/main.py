"""``ops``: the entry point."""

from __future__ import annotations

try:
    from ops.cli import early

    early.hush()  # before anything that takes time is loaded
except KeyboardInterrupt:
    raise SystemExit(130) from None


def main() -> None:
    """Run the command line."""
    from ops.cli.root import run

    try:
        run()
    finally:
        early.over()


if __name__ == "__main__":
    main()
