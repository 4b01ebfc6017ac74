"""The problems of one TOML file that people write: found all at once, each told with its line."""

import re
import tomllib
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from bugbridge.core.errors import ConfigError
from bugbridge.core.policy_checks import Check, Path, Unfit, key_lines, line_of, quoted, suggestion


class FileReport:
    """Collects the problems of one file."""

    def __init__(self, toml: str, where: str) -> None:
        """Take the file's text, and its name for people."""
        self._lines = key_lines(toml)
        self._where = where
        self._problems: list[tuple[int, str]] = []

    def add(self, path: Path, sentence: str) -> None:
        """Keep a problem of what stands at a path."""
        self._problems.append((line_of(path, self._lines), sentence))

    def read(
        self, path: Path, value: object, checks: Mapping[str, Check], name: str, around: str = ""
    ) -> dict[str, Any]:
        """Check a table; what is unfit is reported and left out. Sentences begin with `around` and the key."""
        if not isinstance(value, dict):
            self.add(path, f"{name} must be a table, not {quoted(value)}.")
            return {}
        for key in value:
            if key not in checks:
                self.add((*path, key), f"{name} has the unknown key {quoted(key)}{suggestion(key, checks)}")
        known = [key for key in checks if key in value]
        found = {key: self._checked((*path, key), value[key], checks[key], f"{around}{key}") for key in known}
        return {key: kept for key, kept in found.items() if kept is not None}

    def _checked(self, path: Path, value: object, check: Check, name: str) -> object:
        try:
            return check.read(value)
        except Unfit as unfit:
            for problem in unfit.problems:
                self.add(path, f"{name} {problem}")
            return None

    @property
    def count(self) -> int:
        """How many problems there are so far."""
        return len(self._problems)

    def finish(self) -> None:
        """Raise ConfigError where there are problems, in the order of their lines."""
        if self._problems:
            ordered = sorted(self._problems, key=itemgetter(0))
            raise ConfigError([f"{self._where}:{line}: {sentence}" for line, sentence in ordered])


def load_toml(toml: str, where: str) -> dict[str, Any]:
    """Read TOML. Raises ConfigError, with the line, for what isn't."""
    try:
        return tomllib.loads(toml)
    except RecursionError:
        raise ConfigError([f"{where}:1: This TOML holds lists or tables within each other too deeply."]) from None
    except ValueError as error:
        message = str(error)
        at = re.search(r" \(at line (\d+), column (\d+)\)", message)
        line = int(at[1]) if at else toml.rstrip("\n").count("\n") + 1
        what = message[: at.start()] if at else message.removesuffix(" (at end of document)")
        column = f", at column {at[2]}" if at else ""
        raise ConfigError([f"{where}:{line}: This is not TOML{column}: {what.rstrip('.')}."]) from None
