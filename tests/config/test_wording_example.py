"""The rules that config/wording.md shows can be used as they stand."""

import re
from pathlib import Path

from bugbridge.core.wording import check_reply
from bugbridge.core.wording_examples import Failure, failing_examples
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Situation

CONFIG = Path(__file__).parents[2] / "config"
SHOWN = re.findall(r"```toml\n(.*?)```", (CONFIG / "wording.md").read_text("utf-8"), re.DOTALL)
SHIPPED = WordingFile((CONFIG / "wording.toml").read_text("utf-8"), "wording.toml")


def test_a_teams_own_rules_stand_beside_the_shipped_ones() -> None:
    """The file that is shown adds a rule, switches one off, and excepts something from another."""
    english = parse_wordings([SHIPPED, *(WordingFile(toml, "own") for toml in SHOWN)])["en"]
    ids = [rule.id for rule in english.rules]
    assert ("internal_words" in ids, "ease" in ids) == (True, False)
    assert [one.rule for one in check_reply("It's in the next sprint.", english, Situation())][-1:] == [
        "internal_words"
    ]
    assert check_reply("Sorry for the inconvenience of the migration.", english, Situation()) == ()
    assert [one for one in failing_examples(english) if one.failure is not Failure.UNUSED] == []
