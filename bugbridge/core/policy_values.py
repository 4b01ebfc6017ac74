"""Single values of a policy's text changed in place, so that the comments of whoever wrote it stay."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from bugbridge.core.errors import UsageError
from bugbridge.core.policy_checks import KEY_LINE, Path, key_lines

BARE = re.compile(r"[A-Za-z0-9_-]+")
Data = dict[str, Any]


def with_values(toml: str, values: Mapping[Path, str]) -> str:
    """Write each value, as TOML has it, where the text has it now; what a table doesn't say is added to it.

    `toml` is TOML. Raises UsageError for a value that stands on several lines, or in a table on one line.
    """
    for path, written in values.items():
        toml = _with_value(toml, path, written)
    return toml


def _with_value(toml: str, path: Path, written: str) -> str:
    wanted = _changed(tomllib.loads(toml), path, tomllib.loads(f"value = {written}")["value"])
    lines, places = toml.split("\n"), key_lines(toml)
    if path in places:
        line = places[path] - 1
        lines[line] = _rewritten(lines[line], written)
    elif path[:-1] in places:
        lines.insert(places[path[:-1]], f"{_key(path)} = {written}")
    else:
        lines = [*toml.rstrip("\n").split("\n"), "", f"[{path[0]}]", f"{_key(path)} = {written}", ""]
    changed = "\n".join(lines)
    if wanted is None or _read(changed) != wanted:
        where = f"[{path[0]}]" if len(path) == 2 else f"rule {int(path[1]) + 1}"
        raise UsageError(f"{path[-1]} of {where} can't be changed by itself as it is written: change it in the text.")
    return changed


def _rewritten(line: str, written: str) -> str:
    """Put the value between the key and the comment, which stays in its column where there is room."""
    key = KEY_LINE.match(line)
    head = line[: key.end()] if key else ""
    rest = line[len(head) :]
    value = _value(rest)
    if not value:
        return line
    comment = rest[len(value) :]
    room = len(value) - len(written) - 1
    return f"{head} {written}{' ' * max(1, room)}{comment}" if comment else f"{head} {written}"


def _value(rest: str) -> str:
    """Give what stands before the comment, "" where it is no whole value: a # may be one of its own signs."""
    ends = [*(match.start() for match in re.finditer("#", rest)), len(rest)]
    return next((rest[:end] for end in ends if _read(f"value = {rest[:end]}") is not None), "")


def _changed(data: Data, path: Path, value: object) -> Data | None:
    """Give what the changed text has to say, none where a table would stand in another value's place."""
    inner: Any = data
    for part in path[:-1]:
        inner = inner[int(part)] if isinstance(inner, list) else inner.setdefault(part, {})
    if not isinstance(inner, dict):
        return None
    inner[path[-1]] = value
    return data


def _read(toml: str) -> Data | None:
    try:
        return tomllib.loads(toml)
    except (ValueError, RecursionError):
        return None


def _key(path: Path) -> str:
    key = str(path[-1])
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
