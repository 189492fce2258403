"""A TOML file of the policy folder against a pydantic model, with the complaints of the settings."""

from __future__ import annotations

import tomllib
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.settings.complaints import as_error, complaints
from itsm_bridge.settings.lines import syntax_error, where_in


class Strict(BaseModel):
    """Part of a policy file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def read_document(file: str, text: str, model: type[Model]) -> Model:
    """Return the file's contents as `model`; ConfigurationError names line, key and what would be right."""
    return validate_document(file, text, parse_document(file, text), model)


def parse_document(file: str, text: str) -> dict[str, Any]:
    """Return the file's contents as TOML gives them; ConfigurationError names the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, where = syntax_error(file, text, error)
        raise ConfigurationError(message, where=where, hint="Strings need quotes, sections square brackets.") from None


def validate_document(file: str, text: str, document: dict[str, Any], model: type[Model]) -> Model:
    """Return contents as `model`; ConfigurationError names line, key and what would be right."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise as_error(complaints(error, model), partial(where_in, file, text)) from None
