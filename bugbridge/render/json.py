"""Facts as JSON, for programs."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from bugbridge.core.instants import instant_to_text


def to_json(facts: object) -> str:
    """Write facts as one JSON text in ASCII, so that nothing in it steers a terminal.

    Instants are in UTC as text, durations in seconds, sets sorted.
    """
    return json.dumps(jsonable(facts), indent=2)


def jsonable(value: object) -> object:
    """Turn dataclasses, enums, instants and collections into what JSON has. Raises TypeError for anything else."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return instant_to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return _collection(value)


def _collection(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(jsonable(key)): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((jsonable(inner) for inner in value), key=str)
    if isinstance(value, list | tuple):
        return [jsonable(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")
