"""An audit as one page that stands by itself: no script, nothing fetched, readable on paper and on a telephone."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, zip_longest
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_chart_words import chart_table
from bugbridge.render.audit_charts import drawn
from bugbridge.render.audit_document import COMMAND, Block, Chart, ChartKind, Paragraph, Section, Table
from bugbridge.render.audit_words import audit_document
from bugbridge.render.chart_drawing import Drawing
from bugbridge.render.plain import clean_line

TEMPLATE = "audit_page.html"
# Rows with names of more characters than these keep room for them, however narrow the page is.
LONG_NAME = 12
AMOUNT = r"(?:(?:under |over )?<?[-+]?\d[\d,.]*(?: %)?|not reached|-)"
# A cell that is set flush right: `<0.01`, `under 1 %`, `41 (32 to 53)`, `43 % to 57 %`, a date, that there is none.
NUMBER = re.compile(rf"(?:{AMOUNT}(?: to {AMOUNT})?)?(?: \([^()]*\))?|\d{{4}}-\d\d-\d\d")
NOTHING_TO_DRAW: Mapping[ChartKind, str] = {
    ChartKind.SURVIVAL: "There is no curve to draw: too few bugs were fixed.",
    ChartKind.FIX_TIMES: "There is nothing to draw: no bug was fixed.",
    ChartKind.UPDATES_AGAINST_NEWS: "There is nothing to draw: it isn't known what the customers heard.",
    ChartKind.OPEN_BY_AGE: "There is nothing to draw: no bug is known to be open.",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A block as the page shows it. `id` names it within the page; `numbers` are the columns to be set flush right."""

    kind: str
    id: str
    block: Block
    drawing: Drawing | None = None
    figures: Table | None = None
    nothing: str = ""
    numbers: tuple[bool, ...] = ()
    has_long_names: bool = False


def audit_page(audit: Audit, zone: str, *, on_web: bool = False) -> str:
    """Write the page; `zone` is the reader's. Whatever stands in names is text, never markup.

    One that stands `on_web` leads back to the board, and from its advice to where the policy is edited.
    """
    document = audit_document(audit, zone)
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": _line, "pieces": _pieces}
    return environment.get_template(TEMPLATE).render(
        title=document.title,
        lead=document.lead,
        sections=list(_sections(document.sections, audit)),
        on_web=on_web,
        advises=any(advice.instead for advice in audit.advice),
    )


def _sections(sections: Iterable[Section], audit: Audit) -> Iterator[tuple[Section, list[_Part]]]:
    ids = (f"part-{number}" for number in count(1))
    for section in sections:
        yield section, [_part(block, audit, next(ids)) for block in section.blocks]


def _part(block: Block, audit: Audit, part_id: str) -> _Part:
    match block:
        case Paragraph():
            return _Part("paragraph", part_id, block)
        case Table():
            is_long = any(len(row[0]) > LONG_NAME for row in block.rows)
            return _Part("table", part_id, block, numbers=_numbers(block.columns, block.rows), has_long_names=is_long)
        case Chart():
            return _chart(block, audit, part_id)


def _chart(chart: Chart, audit: Audit, part_id: str) -> _Part:
    drawing = drawn(chart.kind, audit, f"{part_id}-title", f"{part_id}-summary")
    if drawing is None:
        return _Part("chart", part_id, chart, nothing=NOTHING_TO_DRAW[chart.kind])
    figures = chart_table(audit, chart.kind)
    numbers = _numbers(figures.columns, figures.rows) if figures else ()
    return _Part("chart", part_id, chart, drawing, figures, numbers=numbers)


def _numbers(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> tuple[bool, ...]:
    """Say of each column whether it holds numbers, dates or nothing alone; the first one, of names, never does."""
    cells = zip_longest(columns, *rows, fillvalue="")
    return tuple(index > 0 and all(map(NUMBER.fullmatch, rest)) for index, (_, *rest) in enumerate(cells))


def _pieces(text: str) -> list[str]:
    """Part a sentence into texts and, between them, commands."""
    return COMMAND.split(_line(text))


def _line(text: str) -> str:
    """Put on one line, whatever it was; a number and its percent sign stay together."""
    return clean_line(text).replace(" %", "\u00a0%")
