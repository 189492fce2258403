"""The command line: one command a file; nothing heavy is imported before a command runs."""

from __future__ import annotations

from itsm_bridge.cli.application import application


def main() -> None:
    """Run the command line; the entry point of `itsm-bridge`."""
    application()(prog_name="itsm-bridge")


__all__ = ["main"]
