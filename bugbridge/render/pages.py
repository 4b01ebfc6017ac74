"""Pages of the web, from templates that come with BugBridge: whatever stands in names is text, never markup."""

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from bugbridge.core.listings import TIMES, ColumnKind, Linked
from bugbridge.ports import Clock
from bugbridge.render.plain import clean, clean_line
from bugbridge.render.times import moment, stamp, until, until_stamp, wall

TEMPLATES, FILES = Path(__file__).parent / "page_templates", Path(__file__).parent / "page_files"


class PageRenderer:
    """Renders pages with local times in `zone`, named beside them."""

    def __init__(self, zone: str, clock: Clock) -> None:
        """Load nothing yet but the environment; a template is read once."""
        self.zone = zone
        self._clock = clock
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "line": _line,
            "lines": _lines,
            "commands": _commands,
            "wall": lambda at: wall(at, zone),
            "stamp": lambda at: stamp(at, zone),
            "until": lambda at: until(at, zone),
            "until_stamp": lambda at: until_stamp(at, zone),
            "moment": lambda at: moment(at, zone, clock.now()),
        }
        self._environment.tests |= {"linked": lambda value: isinstance(value, Linked)}
        self._environment.globals |= {"zone": zone, "kinds": ColumnKind, "times": TIMES}

    def page(self, template: str, facts: Mapping[str, object]) -> str:
        """Fill a page's template."""
        return self._environment.get_template(template).render({**facts, "now": self._clock.now()})


def static_files() -> Mapping[str, str]:
    """Read the files of the pages, by their names."""
    return {path.name: path.read_text(encoding="utf-8") for path in FILES.iterdir()}


def _line(value: object) -> str:
    """Put what somebody wrote on one line, without what hides or reorders text."""
    return "" if value is None else clean_line(str(value))


def _lines(value: object) -> str:
    return "" if value is None else clean(str(value))


def _commands(text: str) -> Markup:
    """Show what stands between backticks in a sentence as something to type."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before
