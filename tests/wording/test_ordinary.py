"""The English rules against a thousand ordinary sentences of support agents, chosen by chance alone."""

import json

from bugbridge.core.wording import check_reply
from bugbridge.core.wording_model import Situation
from tests.wording.scoring import DATA, rows, shipped_wording

MOST_FALSE_ALARMS = 0.02


def test_few_ordinary_sentences_raise_a_false_alarm() -> None:
    """At most 2 % of a thousand; an alarm is false unless somebody read the sentence and found it right."""
    wording = shipped_wording("en")
    right = {(row["id"], rule) for row in rows(DATA / "ordinary_alarms.jsonl") for rule in row["right"]}
    ordinary = rows(DATA / "ordinary.jsonl")
    false = {
        row["id"]
        for row in ordinary
        for finding in check_reply(row["text"], wording, Situation())
        if (row["id"], finding.rule) not in right
    }
    assert len(ordinary) == 1000
    assert len(false) <= MOST_FALSE_ALARMS * len(ordinary), json.dumps(sorted(false))
