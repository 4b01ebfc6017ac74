"""Whatever a text holds, checking it takes work in proportion to its length."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from bugbridge.core import wording_prose
from bugbridge.core.html_characters import readable
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Need, Rule, Situation, Wording, patterns_of
from bugbridge.core.wording_patterns import ANY_WORD, NUMBER, Gap, Macro, Macros, Pattern, Place, Step, Words
from bugbridge.core.wording_prose import own_prose
from bugbridge.core.wording_text import sentences
from tests.core.counting import work

FOLDER = Path(__file__).parents[2] / "config"
SHIPPED = parse_wordings(
    [WordingFile(one.read_text("utf-8"), one.name) for one in sorted(FOLDER.glob("wording*.toml"))]
)
EVERY_RULE = [(wording, rule) for wording in SHIPPED.values() for rule in wording.rules]
SIZE = 100_000
TIMES = 10
MOST_RATIO = 1.1 * TIMES
JOINED_BY = (" ", ", ", ". ")
# What a regex that isn't linear may stumble over: what opens and never closes, and what nearly is something.
HOSTILE = (
    *(
        '"',
        "“",
        "«",
        "<",
        "<pre>",
        "<a ",
        "`",
        "``` \n",
        "~~~",
        "](<",
        "&#",
        "&#39;",
        "#",
        "a@",
        "a/",
        "-",
        "-- ",
        "\n",
        "\n- ",
    ),
    *("...", "1.", "v1:", "a'", "e\u0301", "http://.", "> ", "    a\n", "----- Original Message ", "Sent from my "),
    *("Am 3. schrieb\n", "Am 3. schrieb:\n", "On 3 March\n", "On 3, Ann wrote:\n\n> a\n", "Best regards,\nAnn\n"),
    *("From: Ann\nSent: now\n", "*Von:*\n", "5 p.m. "),
    *("Von meinem ", wording_prose.OBJECT, wording_prose.BREAK),
)


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
    """Ten times the near-matches take about ten times the calls, with and without commas and sentence ends."""
    parts, only = near_matches(patterns_of(rule.frames), wording.macros), alone(rule, wording)
    situation = Situation(
        workaround_unsent=rule.needs is Need.WORKAROUND_UNSENT,
        first_reply=rule.needs is Need.FIRST_REPLY,
        next_date_due=rule.needs is Need.NEXT_DATE_DUE,
    )
    tenth, whole = (work(partial(check_reply, filled(parts, size), only, situation)) for size in (SIZE // TIMES, SIZE))
    assert whole <= MOST_RATIO * tenth


def test_who_and_when_are_brought_together_in_proportion_to_the_text() -> None:
    """However often both stand in one sentence, and each time an exception."""
    rule = 'id = "a"\nlevel = "error"\nmatch = [["who", "when"]]\nunless = ["who"]\nmessage = "M"\nsuggest = "S"\n'
    file = WordingFile(f'version = 1\nlanguage = "en"\n[[rule]]\n{rule}', "wording.toml")
    wording = parse_wordings([file])["en"]
    texts = ("who when " * times for times in (200, 200 * TIMES))
    tenth, whole = (work(partial(check_reply, text, wording, Situation())) for text in texts)
    assert whole <= MOST_RATIO * tenth


@pytest.mark.parametrize("part", HOSTILE)
def test_reading_a_text_takes_work_in_proportion_to_it(part: str) -> None:
    """What opens and never closes is as cheap as any other text; 100 kB of it are read like a page."""
    tenth, whole = (work(partial(read, part, size)) for size in (SIZE // TIMES // 4, SIZE // 4))
    assert whole <= MOST_RATIO * tenth
    read(part, SIZE)


def read(part: str, size: int) -> None:
    """Read a text of this size as replies are read."""
    list(sentences(own_prose(readable(part * (size // len(part))).text), "de"))
