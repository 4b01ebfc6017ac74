"""Whatever a text holds, checking it takes work in proportion to its length; a tenth of a size tells early."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bugbridge.core import wording_prose
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Need, Rule, Situation, Wording, patterns_of
from bugbridge.core.wording_patterns import ANY_WORD, NUMBER, Gap, Macro, Macros, Pattern, Place, Step, Words
from bugbridge.core.wording_prose import own_prose
from bugbridge.core.wording_text import sentences

FOLDER = Path(__file__).parents[2] / "config"
SHIPPED = parse_wordings(
    [WordingFile(one.read_text("utf-8"), one.name) for one in sorted(FOLDER.glob("wording*.toml"))]
)
EVERY_RULE = [(wording, rule) for wording in SHIPPED.values() for rule in wording.rules]
SIZE = 100_000
MOST_RATIO = 2.2
JOINED_BY = (" ", ", ", ". ")
# What a regex that isn't linear may stumble over: what opens and never closes, and what nearly is something.
HOSTILE = (
    *('"', "“", "«", "<", "<pre>", "<a ", "`", "``` \n", "~~~", "](<", "&#", "#", "a@", "a/", "-", "-- ", "\n", "\n- "),
    *("...", "1.", "v1:", "a'", "e\u0301", "http://.", "> ", "    a\n", "----- Original Message ", "Sent from my "),
    *("Am 3. schrieb\n", "Am 3. schrieb:\n", "On 3 March\n", "On 3, Ann wrote:\n\n> a\n", "Best regards,\nAnn\n"),
    *("Von meinem ", wording_prose.OBJECT, wording_prose.BREAK),
)


def work(function: Callable[[], object]) -> int:
    """How many calls and returns something takes, those of the interpreter's own parts included."""
    count = 0

    def counted(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def sample(steps: tuple[Step, ...], macros: Macros) -> Iterator[str]:
    """Words that steps match, each gap as long as it may be."""
    for step in steps:
        element = step.element
        if step.absent:
            continue
        if isinstance(element, Macro):
            yield from sample(macros[element.name][0].steps, macros)
        elif isinstance(element, Gap):
            yield from ["thing"] * element.most
        elif isinstance(element, Words):
            yield min(element.exact or element.beginnings)
        elif isinstance(element, Place):
            yield from {NUMBER: ["7"], ANY_WORD: ["thing"]}.get(element.name, [])


def near_matches(patterns: tuple[Pattern, ...], macros: Macros) -> list[str]:
    """For each pattern a text that it would match with one more word."""
    lengths = ((pattern.steps, length) for pattern in patterns for length in range(len(pattern.steps) - 1, 0, -1))
    told = (" ".join(sample(steps[:length], macros)).replace(" 's", "'s") for steps, length in lengths)
    return [text for text in dict.fromkeys(told) if text] or ["thing"]


def filled(parts: list[str], size: int) -> str:
    """A text of this size made of parts: a third in one sentence, a third with commas, a third in sentences."""
    blocks: list[str] = []
    for joint in JOINED_BY:
        block: list[str] = []
        length = 0
        for part in cycle(parts):
            if length > size // len(JOINED_BY):
                break
            block.append(part)
            length += len(part) + len(joint)
        blocks.append(joint.join(block))
    return ".\n\n".join(blocks)[:size]


def alone(rule: Rule, wording: Wording) -> Wording:
    """A language with one rule, which applies whatever the state is."""
    rule = replace(rule, allowed_states=frozenset(), only_states=frozenset())
    return replace(wording, rules=(rule,))


@pytest.mark.parametrize(
    ("wording", "rule"), EVERY_RULE, ids=[f"{each[0].language}-{each[1].id}" for each in EVERY_RULE]
)
def test_a_rule_takes_work_in_proportion_to_the_text(wording: Wording, rule: Rule) -> None:
    """Twice the near-matches take at most about twice the steps, with and without commas and sentence ends."""
    parts = near_matches(patterns_of(rule.frames), wording.macros)
    situation = Situation(
        workaround_unsent=rule.needs is Need.WORKAROUND_UNSENT,
        first_reply=rule.needs is Need.FIRST_REPLY,
        next_date_due=rule.needs is Need.NEXT_DATE_DUE,
    )
    for size in (SIZE // 10, SIZE):
        half, whole = (
            work(partial(check_reply, filled(parts, length), alone(rule, wording), situation))
            for length in (size // 2, size)
        )
        assert whole <= MOST_RATIO * half


@pytest.mark.parametrize("part", HOSTILE)
def test_reading_a_text_takes_work_in_proportion_to_it(part: str) -> None:
    """What opens and never closes is as cheap as any other text; 100 kB of it are read like a page."""
    half, whole = (work(partial(read, part, size)) for size in (SIZE // 10, SIZE // 5))
    assert whole <= MOST_RATIO * half
    read(part, SIZE)


def read(part: str, size: int) -> None:
    """Read a text of this size as replies are read."""
    list(sentences(own_prose(part * (size // len(part))), "de"))
