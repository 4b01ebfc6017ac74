"""Put out how well the English wording rules agree with labelled sentences: fold by fold, rule by rule."""

import argparse
import sys
from pathlib import Path
from typing import Any

from tests.wording.scoring import FOLDS, SHARED, Score, fold_of, rows, score, shipped_wording


def main() -> int:
    """Score the corpus, or another file of the same form; 4 where there is none."""
    parser = argparse.ArgumentParser(prog="scripts/score-wording", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=SHARED / "replies.jsonl", help="labelled JSON Lines")
    file: Path = parser.parse_args().file
    if not file.is_file():
        sys.stderr.write(f"There are no labelled sentences in {file}: name a file of them.\n")
        return 4
    sys.stdout.writelines(f"{line}\n" for line in _lines(rows(file)))
    return 0


def _lines(every: list[dict[str, Any]]) -> list[str]:
    wording = shipped_wording("en")
    lines = []
    if all("group" in row for row in every):
        folds = [[row for row in every if fold_of(row) == fold] for fold in range(FOLDS)]
        lines += [f"fold {fold}: {_whole(some, score(some, wording))}" for fold, some in enumerate(folds)]
    total = score(every, wording)
    lines += [_of_rule(rule.id, total) for rule in wording.rules if total.right[rule.id] or total.labelled(rule.id)]
    return [*lines, f"whole: {_whole(every, total)}"]


def _whole(some: list[dict[str, Any]], total: Score) -> str:
    clear = sum(not row.get("borderline") for row in some)
    return (
        f"{clear} sentences, {total.right.total()} right, {total.wrong.total()} wrong, {total.missed.total()} missed, "
        f"micro-F1 {total.f1:.3f}"
    )


def _of_rule(rule: str, total: Score) -> str:
    figures = f"precision {total.precision(rule):.2f}, recall {total.recall(rule):.2f}"
    return f"{rule:<20} {total.labelled(rule):>3} labelled, {total.wrong[rule]} wrong, {figures}"


if __name__ == "__main__":
    sys.exit(main())
