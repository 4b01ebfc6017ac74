"""What one version of a policy says otherwise than another."""

from bugbridge.core.policy_changes import ORDER, SCOPE, policy_changes
from bugbridge.core.policy_file import parse_version
from bugbridge.settings import shipped_folder

SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
HEADINGS = {"limits": "Limits", "tell": "News"}
RULE = '\n[[rule]]\nid = "{}"\nwhen = {{ tier = ["{}"] }}\ntell = "all"\n'


def changes(before: str, after: str) -> list[tuple[str, str, str]]:
    """What changes between two texts."""
    found = policy_changes(parse_version(before, "before"), parse_version(after, "after"), HEADINGS)
    return [(one.what, one.before, one.after) for one in found]


def test_comments_change_nothing() -> None:
    """What decides is the same."""
    assert changes(SHIPPED, SHIPPED + "# why\n") == []


def test_a_cell_and_a_number_say_what_they_were_and_will_be() -> None:
    """Only the sentences that differ."""
    calmer = SHIPPED.replace('"infrequent"              = "news"', '"infrequent"              = "nothing"')
    [(cell, before, after)] = changes(SHIPPED, calmer)
    assert (cell, "each piece of news" in before, "hear nothing" in after) == ("grid-5", True, True)
    [(heading, before, after)] = changes(SHIPPED, SHIPPED.replace("per_contact_days = 7 ", "per_contact_days = 9 "))
    assert (heading, "in 7 days" in before, "in 9 days" in after) == ("Limits", True, True)


def test_rules_come_go_and_move() -> None:
    """The first that fits decides, so that their order is said as well."""
    one, two = RULE.format("gold", "gold"), RULE.format("free", "free")
    [(what, before, after)] = changes(SHIPPED, SHIPPED + one)
    assert (what, before, "gold" in after) == ("gold", "", True)
    [(what, before, after)] = changes(SHIPPED + one, SHIPPED)
    assert (what, "gold" in before, after) == ("gold", True, "")
    [(what, before, after)] = changes(SHIPPED + one + two, SHIPPED + two + one)
    assert (what, before.endswith("gold, free"), after.endswith("free, gold")) == (ORDER, True, True)


def test_whom_it_is_for_is_a_change_too() -> None:
    """A policy that becomes narrower decides for fewer."""
    narrow = SHIPPED.replace('name = "default"', 'name = "default"\n[applies_to]\nbrand = ["acme"]')
    [(what, _, after)] = changes(SHIPPED, narrow)
    assert (what, "acme" in after) == (SCOPE, True)
