"""From pydantic's list of errors to one message that says what, where, and what to do. Values are never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.secrets import WHAT_TO_WRITE_INSTEAD
from itsm_bridge.suggestions import closest

Place = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake: the key's path, what is wrong with it, and what to do."""

    path: tuple[str, ...]
    message: str
    hint: str


def complaints(error: ValidationError, model: type[BaseModel], prefix: Sequence[str] = ()) -> list[Complaint]:
    """Return every mistake that the model found; `prefix` is where the model's settings lie in the file."""
    found = error.errors(include_url=False, include_input=False)
    strange = [item for item in found if item["type"] == "extra_forbidden"]
    misspelt = {(*item["loc"][:-1], _meant(item, model)) for item in strange}
    others = [item for item in found if item not in strange and item["loc"] not in misspelt]
    return [_complaint(item, model, tuple(prefix)) for item in (*strange, *others)]


def as_error(found: Sequence[Complaint], place: Place) -> ConfigurationError:
    """Return one error for all mistakes: the first is told in full, the others follow in its message."""
    first, *others = found
    lines = [_sentence(first)]
    lines += [f"also, at {place(other.path)}: {_sentence(other)} ({other.hint})" for other in others]
    return ConfigurationError("\n".join(lines), where=place(first.path), hint=first.hint)


def _sentence(complaint: Complaint) -> str:
    return f"{dotted(complaint.path)} {complaint.message}"


def dotted(path: Iterable[str]) -> str:
    """Return a key's path as TOML writes it."""
    return ".".join(path)


def _complaint(item: Any, model: type[BaseModel], prefix: tuple[str, ...]) -> Complaint:
    location = tuple(str(part) for part in item["loc"] if not isinstance(part, int))
    path = (*prefix, *location)
    kind, message = item["type"], item["msg"]
    if kind == "extra_forbidden":
        return Complaint(path, "is not a setting", _known(location[-1], _model_at(model, location[:-1])))
    if kind == "missing":
        return Complaint(path, "is missing", f"Add it. {_description(model, location)}")
    if kind.startswith("secret"):
        return Complaint(path, message, WHAT_TO_WRITE_INSTEAD)
    if kind == "period":
        return Complaint((*path, "period"), message.removeprefix("period "), _description(model, (*location, "period")))
    if kind in {"dict_type", "model_type"}:
        return Complaint(path, "is not a section", f"Write [{dotted(path)}] with its settings below it.")
    return Complaint(path, _told(kind, message), _description(model, location))


def _told(kind: str, message: str) -> str:
    """Say in our words what pydantic says in the words of its types."""
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "tuple_type":
        return 'is not right: it should be a list, such as ["a", "b"]'
    return f"is not right: {message[:1].lower()}{message[1:]}"


def _meant(item: Any, model: type[BaseModel]) -> str | None:
    holder = _model_at(model, [str(part) for part in item["loc"][:-1]])
    return closest(str(item["loc"][-1]), _settings(holder)) if holder else None


def _settings(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if not field.exclude]


def _known(word: str, model: type[BaseModel] | None) -> str:
    if model is None:
        return "Remove it."
    names = _settings(model)
    match = closest(word, names)
    listed = f"Settings here are {', '.join(sorted(names))}."
    return f"Did you mean {match!r}? {listed}" if match else listed


def _description(model: type[BaseModel], location: Sequence[str]) -> str:
    holder = _model_at(model, location[:-1])
    field = holder.model_fields.get(location[-1]) if holder and location else None
    if field is None or not field.description:
        return "Correct it."
    return f"It means: {field.description}."


def _model_at(model: type[BaseModel], location: Sequence[str]) -> type[BaseModel] | None:
    annotation: Any = model
    for part in location:
        annotation = _step(annotation, part)
    return next((item for item in _alternatives(annotation) if _is_model(item)), None)


def _step(annotation: Any, part: str) -> Any:
    for candidate in _alternatives(annotation):
        if get_origin(candidate) is dict:
            return get_args(candidate)[1]
        if _is_model(candidate):
            root = candidate.model_fields.get("root") if issubclass(candidate, RootModel) else None
            if root is not None:
                return _step(root.annotation, part)
            if part in candidate.model_fields:
                return candidate.model_fields[part].annotation
    return None


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType, Annotated, tuple, list):
        for inner in get_args(annotation):
            yield from _alternatives(inner)
    elif annotation is not None:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
