"""An audit as GitHub-flavoured Markdown; whatever stands in names is text, never markup."""

import re
from collections.abc import Iterator, Sequence

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_chart_words import chart_table
from bugbridge.render.audit_document import COMMAND, Block, Chart, Paragraph, Section, Table
from bugbridge.render.audit_words import audit_document
from bugbridge.render.plain import clean_line

# What Markdown reads as markup wherever it stands, and what turns addresses, names and codes into links and pictures; a
# backslash before it makes it text.
MARKUP = re.compile(r"[\\`*_{}\[\]<>|~&#@$]|:(?=\S)|(?<=www)\.", re.IGNORECASE)
# What begins a list or a rule at the beginning of a line.
BEGINNING = re.compile(r"^(\d*)([-+=.)])")


def audit_markdown(audit: Audit, zone: str) -> str:
    """Write the report; pictures are their sentences and small tables."""
    document = audit_document(audit, zone)
    parts = [f"# {_text(document.title)}", *(f"**{_text(said)}**" for said in document.lead[:1])]
    parts += [_with_commands(said) for said in document.lead[1:]]
    for section in document.sections:
        parts += _section(audit, section)
    return "\n\n".join(parts) + "\n"


def _section(audit: Audit, section: Section) -> Iterator[str]:
    yield f"## {_text(section.heading)}"
    for block in section.blocks:
        yield from _block(audit, block)


def _block(audit: Audit, block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"> **Warning:** {_text(block.text)}" if block.is_warning else _text(block.text)
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield from _chart(audit, block)


def _chart(audit: Audit, chart: Chart) -> Iterator[str]:
    yield f"**{_text(chart.title)}.** {_text(chart.summary)}"
    table = chart_table(audit, chart.kind)
    if table is not None:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"**{_text(table.title)}**"
    rows = (table.columns, tuple("---" for _ in table.columns), *table.rows)
    first, rule, *others = rows
    yield "\n".join([_row(first), f"| {' | '.join(rule)} |", *map(_row, others)])
    if table.note:
        yield _text(table.note)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _text(text: str) -> str:
    """Put a text on a line of its own, which begins no list and no rule."""
    return _begun(_escaped(text))


def _begun(markdown: str) -> str:
    return BEGINNING.sub(r"\1\\\2", markdown)


def _with_commands(text: str) -> str:
    """Put a text on a line of its own, with its commands as code."""
    *rest, last = COMMAND.split(clean_line(text))
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return _begun("".join(f"{_marked(said)}`{command}`" for said, command in pairs) + _marked(last))


def _escaped(text: str) -> str:
    return _marked(clean_line(text))


def _marked(line: str) -> str:
    return MARKUP.sub(lambda found: f"\\{found.group()}", line)
