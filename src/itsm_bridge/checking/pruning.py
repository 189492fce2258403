"""What is left of a view's query where only some of its columns are read: these, and the joins that they need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlglot import exp


def pruned(query: exp.Expr, columns: Collection[str]) -> exp.Expr:
    """Leave out columns that nobody reads and left joins that served only them."""
    branches = list(_branches(query))
    if any(branch.args.get("distinct") for branch in branches):
        return _bare(query.copy())
    names = [each.alias_or_name for each in branches[0].expressions]
    wanted = [n for n, name in enumerate(names) if name in columns] or [0]
    if isinstance(query, exp.Select):
        return _without_ctes(_narrowed(query, wanted))
    kept = query.copy()
    for branch in list(_branches(kept)):
        branch.replace(_narrowed(branch, wanted))
    return _without_ctes(_bare(kept))


def _bare(query: exp.Expr) -> exp.Expr:
    for part in query.walk():
        part.comments = None
    return query


def _branches(query: exp.Expr) -> Iterator[exp.Select]:
    """Yield the selects of a union in order."""
    if isinstance(query, exp.SetOperation):
        yield from _branches(query.left)
        yield from _branches(query.right)
    elif isinstance(query, exp.Select):
        yield query


def _narrowed(select: exp.Select, wanted: Sequence[int]) -> exp.Select:
    """Copy what is kept of a select only: a wide view is mostly what nobody reads."""
    expressions = [select.expressions[n] for n in wanted]
    parts = {name: part for name, part in select.args.items() if name not in ("expressions", "joins") and part}
    reading = [part for name in ("where", "group", "having") if (part := parts.get(name)) is not None]
    joins = _kept_joins(select, [*expressions, *reading])
    made = exp.Select(expressions=[each.copy() for each in expressions])
    for name, part in parts.items():
        made.set(name, part.copy() if isinstance(part, exp.Expr) else part)
    if joins:
        made.set("joins", [join.copy() for join in joins])
    _bare(made)
    return made


def _kept_joins(select: exp.Select, read_by: Iterable[exp.Expr]) -> list[exp.Join]:
    """Return the joins that are no left joins, or that what is kept reads: of another join too."""
    joins: list[exp.Join] = list(select.args.get("joins") or ())
    read = set().union(*map(_aliases, read_by))
    kept: set[int] = set()
    while more := [
        n for n, join in enumerate(joins) if n not in kept and (join.side != "LEFT" or join.this.alias_or_name in read)
    ]:
        for n in more:
            kept.add(n)
            read |= _aliases(joins[n])
    return [join for n, join in enumerate(joins) if n in kept]


def _aliases(part: exp.Expr) -> set[str]:
    return {column.table for column in part.find_all(exp.Column)}


def _without_ctes(query: exp.Expr) -> exp.Expr:
    with_ = query.args.get("with_") or query.args.get("with")
    while with_ is not None and with_.expressions:
        named = set(_names(query))
        unread = [cte for cte in with_.expressions if cte.alias not in named]
        if not unread:
            return query
        for cte in unread:
            cte.pop()
    if with_ is not None:
        with_.pop()
    return query


def _names(select: exp.Expr) -> Iterator[str]:
    for table in select.find_all(exp.Table):
        yield table.name


def tables_of(select: exp.Expr) -> set[str]:
    """Name the tables and views that a query reads, its own common table expressions aside."""
    own = {cte.alias for cte in select.find_all(exp.CTE)}
    return set(_names(select)) - own
