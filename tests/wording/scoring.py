"""Judge wording rules by labelled sentences: what they find against what people say is there."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply, first_match, matcher_of, read_sentences
from bugbridge.core.wording_model import FIXED_RELEASE_PLANNED, Frame, Situation, Wording
from bugbridge.wordings import read_wordings

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
DATA = Path(__file__).parent / "data"
FOLDS = 5


@dataclass
class Score:
    """Findings that are right, findings that aren't, and labels that weren't found, for each rule."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, found: frozenset[str], labels: frozenset[str]) -> None:
        """Count one sentence."""
        self.right.update(found & labels)
        self.wrong.update(found - labels)
        self.missed.update(labels - found)

    def labelled(self, rule: str) -> int:
        """How many sentences bear a rule's label."""
        return self.right[rule] + self.missed[rule]

    def precision(self, rule: str) -> float:
        """The share of a rule's findings that are right."""
        return _share(self.right[rule], self.right[rule] + self.wrong[rule])

    def recall(self, rule: str) -> float:
        """The share of a rule's labels that are found."""
        return _share(self.right[rule], self.labelled(rule))

    @property
    def f1(self) -> float:
        """Over all rules: the harmonic mean of precision and recall of all findings together (micro-F1)."""
        right, wrong, missed = self.right.total(), self.wrong.total(), self.missed.total()
        return _share(2 * right, 2 * right + wrong + missed)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def shipped_wording(language: str) -> Wording:
    """Give the rules of a language as they are shipped."""
    return read_wordings(ROOT / "config")[language]


def rows(file: Path) -> list[dict[str, Any]]:
    """Read labelled sentences."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def fold_of(row: Mapping[str, Any]) -> int:
    """Give the fold of a sentence: all of one project's or brand's are in one."""
    return int(hashlib.sha256(str(row["group"]).encode()).hexdigest(), 16) % FOLDS


def situation_of(row: Mapping[str, Any]) -> Situation:
    """Give what is known of the bug: nothing, or its state."""
    state = row.get("state", Stage.OPEN)
    return Situation(Stage.FIXED, release_planned=True) if state == FIXED_RELEASE_PLANNED else Situation(Stage(state))


def labels_of(row: Mapping[str, Any]) -> frozenset[str]:
    """Give what people say is there."""
    return frozenset(row["labels"]) - {"ok"}


def found_in(row: Mapping[str, Any], wording: Wording) -> frozenset[str]:
    """Give the rules that find something in a sentence."""
    return frozenset(finding.rule for finding in check_reply(row["text"], wording, situation_of(row)))


def score(some: Iterable[Mapping[str, Any]], wording: Wording) -> Score:
    """Judge rules by sentences; borderline ones, on which people differ, are left out."""
    total = Score()
    for row in some:
        if not row.get("borderline"):
            total.add(found_in(row, wording), labels_of(row))
    return total


Shown = tuple[Iterable[Frame], Iterable[str]]
"""Frames of a rule, and its own examples that have to show each of them."""


def memorised(kinds: Iterable[Shown], corpus: Iterable[str], wording: Wording) -> list[tuple[str, ...]]:
    """Give the frames that match one sentence of a corpus alone, and none of their rule's own examples."""
    sentences = list(corpus)
    return [
        frame.texts
        for frames, examples in kinds
        for frame in frames
        if sum(_holds(frame, text, wording) for text in sentences) == 1
        and not any(_holds(frame, text, wording) for text in examples)
    ]


def _holds(frame: Frame, text: str, wording: Wording) -> bool:
    return any(first_match((frame,), matcher_of(one, wording)) for one in read_sentences(text, wording))
