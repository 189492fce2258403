"""The single place where an error becomes a message and an exit code, always redacted."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from itsm_bridge.disk import is_full, unwritten
from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_NOT_DELIVERED, DeliveryError, ItsmBridgeError
from itsm_bridge.hostile import for_terminal
from itsm_bridge.redaction import redact

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED = 130
_OUTPUT_FULL = DeliveryError(
    "the output cannot be written: its disk is full",
    where="standard output",
    hint="Send the output to a disk with room, then run it again; what was published is untouched.",
)


@contextmanager
def told_to_the_user(*, as_json: bool, verbose: int) -> Iterator[None]:
    """Run a command's body; an error ends it with one message (as JSON on stdout with `as_json`) and its exit code."""
    try:
        yield
    except typer.Exit:
        raise
    except ItsmBridgeError as error:
        _tell(error, as_json=as_json, verbose=verbose)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _warn("stopped; nothing unfinished was published")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _mute_stdout()
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if is_full(error) and error.filename is None:  # standard output, so nothing can be told there
            _mute_stdout()
            _print(_OUTPUT_FULL)
            raise typer.Exit(EXIT_NOT_DELIVERED) from None
        _tell(_full(error) if is_full(error) else _unexpected(error), as_json=as_json, verbose=verbose, trace=error)
        raise typer.Exit(EXIT_INCOMPLETE) from None
    except Exception as error:  # noqa: BLE001  whatever it is, it must end in one message
        _tell(_unexpected(error), as_json=as_json, verbose=verbose, trace=error)
        raise typer.Exit(EXIT_INCOMPLETE) from None


def _mute_stdout() -> None:
    """Nobody reads any more: nothing must be said to them, not even when the interpreter ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> ItsmBridgeError:
    said = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    return ItsmBridgeError(
        f"unexpected error ({reason})",
        hint="This is a fault of the program: run the command again with --verbose and report what it shows.",
    )


def _full(error: OSError) -> ItsmBridgeError:
    place = Path(os.fsdecode(error.filename))
    message, hint = unwritten(error, place.parent)
    return ItsmBridgeError(message, where=str(place), hint=hint)


def _tell(error: ItsmBridgeError, *, as_json: bool, verbose: int, trace: Exception | None = None) -> None:
    cause = trace or (error if verbose > 1 else None)
    if cause is not None and verbose:
        sys.stderr.write(redact("".join(traceback.format_exception(cause))))
    if as_json:
        told = error.as_data()
        masked = {name: redact(value) if isinstance(value, str) else value for name, value in told.items()}
        typer.echo(json.dumps({"error": masked}, indent=2, ensure_ascii=False))
        return
    _print(error)


def _print(error: ItsmBridgeError) -> None:
    console = _console()
    told = (("Error", "bold red", error.message), ("where", "dim", error.where), ("to do", "dim", error.hint))
    for word, style, text in told:
        if text:
            console.print(f"{word:<6}", style=style, end="")
            lines = [for_terminal(line) for line in redact(text).splitlines()]
            console.print("\n       ".join(lines), markup=False, emoji=False, soft_wrap=True)


def _warn(text: str) -> None:
    _console().print(text, style="yellow", markup=False)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False)
