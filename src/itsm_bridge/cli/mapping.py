"""`itsm-bridge mapping`: what the mapping does, what it does not know, how one record came to its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.mapping.rules import SourceMapping

Source = Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show", epilog=examples("itsm-bridge mapping show", "itsm-bridge mapping show incident"))(
        command(show)
    )
    group.command("lint", epilog=examples("itsm-bridge mapping lint", "itsm-bridge mapping lint --source prod --json"))(
        command(lint)
    )
    group.command("explain", epilog=examples("itsm-bridge mapping explain INC0010042"))(command(explain))
    app.add_typer(group, name="mapping", help="Show, check and explain how a tool's fields become common columns.")


def show(
    invocation: Invocation,
    stream: Annotated[str | None, typer.Argument(help="Only this stream, such as incident.")] = None,
    source: Source = None,
) -> int:
    """Show the rules in force, overlays included."""
    from itsm_bridge.cli.output import table
    from itsm_bridge.mapping.explanation import rule_lines

    found = {name: list(rule_lines(mapping, stream)) for name, mapping in _mappings(invocation, source).items()}
    if invocation.as_json:
        invocation.print_json(found)
        return 0
    for name, lines in found.items():
        rows = [(line.stream, f"{line.table}.{line.column}", line.rule) for line in lines]
        invocation.console.print(table(("stream", "column", "filled with"), rows, title=name))
    return 0


def lint(invocation: Invocation, source: Source = None) -> int:
    """Check the mapping files, and list the values in the store that they do not know."""
    from itsm_bridge.cli.output import table
    from itsm_bridge.errors import EXIT_NONCONFORMITY, EXIT_OK
    from itsm_bridge.mapping.explanation import Unmapped, unmapped_values
    from itsm_bridge.store.damage import naming_damage
    from itsm_bridge.store.store import Store

    mappings = _mappings(invocation, source)
    store = Store(invocation.config.store.path)
    snapshots = store.snapshots()
    unmapped: list[Unmapped] = []
    if snapshots:
        with naming_damage(store.path):
            unmapped = unmapped_values(store, snapshots[-1], mappings)
    if invocation.as_json:
        invocation.print_json(
            {"sources": {name: sorted(item.streams) for name, item in mappings.items()}, "unmapped": unmapped}
        )
        return EXIT_NONCONFORMITY if unmapped else EXIT_OK
    for name, mapping in mappings.items():
        invocation.console.print(f"{name}: {len(mapping.streams)} streams, the mapping files are right", markup=False)
    if unmapped:
        rows = [(item.source, item.column, item.value, item.records) for item in unmapped]
        invocation.console.print(table(("source", "column", "value of the tool", "records"), rows, title="not mapped"))
        invocation.console.print(
            "Add these values to values.toml in a folder of your own (mappings = […]), then run itsm-bridge remap."
        )
    elif snapshots:
        invocation.console.print("every value in the store is mapped")
    else:
        invocation.console.print("nothing is in the store yet, so values cannot be compared")
    return EXIT_NONCONFORMITY if unmapped else EXIT_OK


def explain(
    invocation: Invocation,
    key: Annotated[str, typer.Argument(help="Number, native key or id of a record, such as INC0010042.")],
) -> int:
    """Show how one record came to its values: raw fields, rules, results."""
    from itsm_bridge.cli.output import shown, table
    from itsm_bridge.errors import UsageError
    from itsm_bridge.mapping import explanation
    from itsm_bridge.store.damage import naming_damage
    from itsm_bridge.store.store import Store

    store = Store(invocation.config.store.path)
    snapshot = store.snapshot()
    with naming_damage(store.path):
        records = explanation.find_record(store, snapshot, key)
    if not records:
        raise UsageError(
            f"there is no record {key!r} in snapshot {snapshot.number}", hint="Give a number such as INC0010042."
        )
    mappings = _mappings(invocation, None)
    with naming_damage(store.path):
        steps = {
            str(record["work_item_id"]): explanation.explain(store, snapshot, mappings[record["source_id"]], record)
            for record in records
            if record["source_id"] in mappings
        }
    if invocation.as_json:
        invocation.print_json(steps)
        return 0
    for name, lines in steps.items():
        rows = [
            (line.column, line.value, ", ".join(shown(value) for value in line.raw.values() if value), line.rule)
            for line in lines
            if line.value is not None or any(line.raw.values())
        ]
        invocation.console.print(table(("column", "value", "kept of the tool's", "filled with"), rows, title=name))
    return 0


def _mappings(invocation: Invocation, source: str | None) -> dict[str, SourceMapping]:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.sources import load_mapping
    from itsm_bridge.suggestions import did_you_mean

    sources, adapters = invocation.config.sources, invocation.plugins.adapters
    if source is not None and source not in sources:
        raise UsageError(
            f"there is no source {source!r}{did_you_mean(source, sources)}", hint=f"Sources are {', '.join(sources)}."
        )
    return {
        name: load_mapping(settings, adapters[settings.adapter])
        for name, settings in sources.items()
        if source in (None, name)
    }
