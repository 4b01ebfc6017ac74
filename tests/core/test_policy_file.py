"""What the policy file may say, and what its author is told of mistakes."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import ConfigError
from bugbridge.core.model import TERMINAL_NEWS, News
from bugbridge.core.policy_file import parse_policy, policy_notes
from bugbridge.core.policy_model import AnyOf, Cell, Hears, Is, Policy, PolicyRule, Within

SHIPPED_TEXT = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
HEAD = """version = 1
[grid]
"frequent" = "every 2-8 weeks"
"frequent, workaround" = "every 4-8 weeks"
"infrequent" = "news"
"infrequent, workaround" = "release"
"enterprise" = "every 1-4 weeks"
"""


def problems(toml: str) -> list[str]:
    """What the author is told of a file; fails where there is nothing to tell."""
    with pytest.raises(ConfigError) as caught:
        parse_policy(toml)
    return list(caught.value.problems)


def rule_problems(*lines: str) -> list[str]:
    """What the author is told of a file with one rule, called `mine`."""
    return problems("\n".join([HEAD, "[[rule]]", 'id = "mine"', *lines]))


def test_the_shipped_file_says_what_is_the_default_everywhere() -> None:
    """A key that is left out means what the shipped file says."""
    assert replace(parse_policy(SHIPPED_TEXT), rules=()) == Policy() == parse_policy(HEAD)


def test_the_shipped_rules() -> None:
    """Solved tickets hear the outcome only; the lead decides about a burst, once for the bug."""
    solved, spiking = parse_policy(SHIPPED_TEXT).rules
    assert (solved.id, solved.tell, solved.person) == ("solved-tickets-hear-the-outcome", TERMINAL_NEWS, "")
    assert (spiking.id, spiking.once_per, spiking.within_business_days) == ("spiking", "bug", 1)
    assert spiking.when == (
        AnyOf("stage", frozenset({"open", "in_progress"})),
        AnyOf("frequency", frozenset({"spiking"})),
    )


def test_a_rule_may_say_everything() -> None:
    """Every key of a rule is kept; a list of news always includes the terminal ones."""
    rule = """
[[rule]]
id = "mine"
when = { brand = ["acme"], age_days = { min = 10 }, silent_days = { max = 5 }, release_planned = true }
tell = ["workaround"]
every_days = [7, 14]
person = "agent: look at it"
once_per = "bug"
within_business_days = 2
recheck_days = 30
deliver = "reply"
backoff = 1.2
because = "So it was agreed."
"""
    assert parse_policy(HEAD + rule).rules == (
        PolicyRule(
            "mine",
            when=(
                Is("release_planned", value=True),
                Within("silent_days", most=5.0),
                Within("age_days", least=10.0),
                AnyOf("brand", frozenset({"acme"})),
            ),
            tell=TERMINAL_NEWS | {News.WORKAROUND},
            every_days=(7, 14),
            person="agent: look at it",
            once_per="bug",
            within_business_days=2,
            recheck_days=30,
            deliver="reply",
            backoff=1.2,
            because="So it was agreed.",
        ),
    )


@pytest.mark.parametrize(
    ("says", "cell"),
    [
        ("every 1-1 weeks", Cell(Hears.EVERY, (7, 7))),
        ("news", Cell(Hears.NEWS)),
        ("release", Cell(Hears.RELEASE)),
        ("nothing", Cell(Hears.NOTHING)),
    ],
)
def test_a_grid_cell_says_one_of_four_things(says: str, cell: Cell) -> None:
    """Weeks are kept as days."""
    assert parse_policy(HEAD.replace("every 2-8 weeks", says)).grid.frequent == cell


GRID_PROBLEMS = [
    ("every 8-2 weeks", 'must have the less first, and weeks from 1 to 521: "every 8-2 weeks".'),
    ("every 0-2 weeks", 'must have the less first, and weeks from 1 to 521: "every 0-2 weeks".'),
    (
        "relase",
        'must be "every A-B weeks", "news", "release" or "nothing", not "relase"; did you mean "release"?',
    ),
]


@pytest.mark.parametrize(("says", "problem"), GRID_PROBLEMS)
def test_a_cell_that_says_something_else_is_a_mistake(says: str, problem: str) -> None:
    """The sentence names line, cell and what was meant."""
    assert problems(HEAD.replace("every 2-8 weeks", says)) == [f"policy.toml:3: [grid] frequent {problem}"]


KEY_PROBLEMS = [
    ("[cadence]\nbackoff = 0.5", 9, "[cadence] backoff must be a number from 1 to 10, not 0.5."),
    ("[cadence]\nbackoff = nan", 9, "[cadence] backoff must be a number from 1 to 10, not NaN."),
    ("[cadence]\nbakoff = 2", 9, '[cadence] has the unknown key "bakoff"; did you mean "backoff"?'),
    ("[cadence]\nchance_of_news = 1", 9, "[cadence] chance_of_news must be a number over 0 and under 1, not 1."),
    (
        '[cadence]\ncurve_by = "trackers"',
        9,
        '[cadence] curve_by must be one of "all", "tracker", "frequency", not "trackers"; did you mean "tracker"?',
    ),
    ("[tell]\nmerge_days = -1", 9, "[tell] merge_days must be a whole number from 0 to 3650, not -1."),
    ("[tell]\nmerge_days = true", 9, "[tell] merge_days must be a whole number from 0 to 3650, not true."),
    ('[tell]\nnews = ["relesed"]', 9, '[tell] news can\'t hold "relesed"; did you mean "released"?'),
    ('[tell]\nnews = "released"', 9, '[tell] news must be a list, any of which fits: write ["released"].'),
    (
        "[facts]\nstalled_after_days = 1.5",
        9,
        "[facts] stalled_after_days must be a whole number from 1 to 3650, not 1.5.",
    ),
    ("[limit]\nper_contact_days = 7", 8, 'The policy has the unknown key "limit"; did you mean "limits"?'),
    (
        "[frequency]\nusage_breadth = [0.05, 0.1]",
        9,
        "[frequency] usage_breadth must have the more first, not [0.05, 0.1].",
    ),
    ("[frequency]\nusage_breadth = 0.1", 9, "[frequency] usage_breadth must be a list of two numbers, not 0.1."),
    (
        "[frequency]\nminimum_weeks = 9",
        9,
        "[frequency] minimum_weeks can't be 9: window_days has only 8 weeks.",
    ),
    ("[rule]\nid = 'x'", 8, "A rule begins with [[rule]], in two pairs of brackets."),
]


@pytest.mark.parametrize(("lines", "line", "problem"), KEY_PROBLEMS, ids=[row[0] for row in KEY_PROBLEMS])
def test_a_key_or_value_that_cannot_be_is_named_with_its_line(lines: str, line: int, problem: str) -> None:
    """Unknown keys, wrong types and impossible values, with a suggestion where one is near."""
    assert problems(HEAD + lines) == [f"policy.toml:{line}: {problem}"]


RULE_PROBLEMS = [
    (
        ['tell = "everything"'],
        11,
        'rule "mine": tell must be "nothing", "terminal", "all" or a list of news, not "everything".',
    ),
    (['tel = "all"', "recheck_days = 1"], 11, 'rule "mine" has the unknown key "tel"; did you mean "tell"?'),
    (["every_days = [14, 7]"], 11, 'rule "mine": every_days must have the less first, not [14, 7].'),
    (["every_days = [-7, 7]"], 11, 'rule "mine": every_days must be a whole number from 1 to 3650, not -7.'),
    (
        ['person = "Ben"'],
        11,
        'rule "mine": person must say whom to ask and what, such as "lead: decide together", not "Ben".',
    ),
    (
        ['because = "No reason."'],
        9,
        'rule "mine" has no action; it needs one of tell, every_days, person, recheck_days.',
    ),
    (
        ['tell = "all"', 'when = { stage = ["opened"] }'],
        12,
        'rule "mine": when.stage can\'t hold "opened"; did you mean "open"?',
    ),
    (
        ['tell = "all"', "when = { stage = [] }"],
        12,
        'rule "mine": when.stage is an empty list, which no facts can reach.',
    ),
    (
        ['tell = "all"', "when = { age_days = { min = 20, max = 10 } }"],
        12,
        'rule "mine": when.age_days is an empty range, which no facts can reach: 20 is over 10.',
    ),
    (
        ['tell = "all"', "when = { age_days = { least = 20 } }"],
        12,
        'rule "mine": when.age_days has the unknown key "least"; a range has min and max.',
    ),
    (
        ['tell = "all"', "when.unanswered = true"],
        12,
        (
            'rule "mine" is impossible: a customer who waits for an answer is decided by reply-first; '
            "remove it, or change its conditions."
        ),
    ),
    (
        ['tell = "all"', "[rule.when]", 'opt_out = ["all"]'],
        13,
        (
            'rule "mine" is impossible: a customer who asked to hear nothing is decided by opted-out; '
            "remove it, or change its conditions."
        ),
    ),
    (['tell = "all"', 'when = "always"'], 12, 'rule "mine": when must be a table, not "always".'),
]


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    RULE_PROBLEMS,
    ids=["; ".join(row[0]) for row in RULE_PROBLEMS],
)
def test_a_rule_that_cannot_be_is_named_with_its_id_and_line(lines: list[str], line: int, problem: str) -> None:
    """Also one that does nothing, and one that no facts can reach."""
    assert rule_problems(*lines) == [f"policy.toml:{line}: {problem}"]


@pytest.mark.parametrize("rule_id", ["canonical", "opted-out", "no-periodic", "stalled", "grid-1", "grid-12"])
def test_a_rule_may_not_take_an_id_of_the_product(rule_id: str) -> None:
    """Otherwise `explain` could not tell them apart."""
    problem = f'rule "{rule_id}": id can\'t be "{rule_id}", which BugBridge keeps for itself; choose another.'
    assert problems(f'{HEAD}\n[[rule]]\nid = "{rule_id}"\ntell = "all"') == [f"policy.toml:10: {problem}"]


def test_a_rule_without_an_id_is_named_by_its_place() -> None:
    """The first rule is rule 1."""
    assert problems(f'{HEAD}\n[[rule]]\ntell = "all"') == ["policy.toml:9: rule 1 has no id."]


def test_rules_without_an_id_do_not_share_one() -> None:
    """Each is told that it has none, and nothing else."""
    rule = '[[rule]]\nwhen = { brand = ["acme"] }\ntell = "all"\n'
    assert problems(HEAD + rule + rule) == ["policy.toml:8: rule 1 has no id.", "policy.toml:11: rule 2 has no id."]


def test_least_and_most_may_be_the_same_and_a_begun_week_counts() -> None:
    """Every 14 days exactly is a cadence; 50 days touch eight weeks."""
    rule = '[[rule]]\nid = "mine"\nevery_days = [14, 14]\n'
    policy = parse_policy(f"{HEAD}{rule}[frequency]\nwindow_days = 50\nminimum_weeks = 8")
    assert (policy.rules[0].every_days, policy.frequency.minimum_weeks) == ((14, 14), 8)


def test_two_rules_may_not_share_an_id() -> None:
    """The later one is named."""
    rule = '\n[[rule]]\nid = "mine"\nwhen = { brand = ["acme"] }\ntell = "all"'
    problem = 'rule "mine" has the id of an earlier rule; every id must be its own.'
    assert problems(HEAD + rule + rule.replace("acme", "other")) == [f"policy.toml:14: {problem}"]


def test_a_rule_after_one_that_fits_everything_cannot_be_reached() -> None:
    """A question doesn't end matching, so it hides nothing; a rule that tells does."""
    rules = [("asks", 'person = "lead: look"'), ("tells", 'tell = "all"'), ("late", 'tell = "all"')]
    toml = HEAD + "".join(f'[[rule]]\nid = "{rule_id}"\n{action}\n' for rule_id, action in rules)
    assert problems(toml) == [
        (
            'policy.toml:14: rule "late" is unreachable: rule "tells" above takes all of it; '
            'move it above "tells", or narrow "tells".'
        )
    ]


def written(rule_id: str, *lines: str) -> str:
    """A rule as the file has it."""
    return "\n".join(["[[rule]]", f'id = "{rule_id}"', *lines, ""])


def test_an_impossible_rule_is_named_by_the_line_of_its_condition() -> None:
    """The law is said, and the condition that meets it is where the author looks."""
    rule = written("mine", 'tell = "all"', "[rule.when]", 'brand = ["acme"]', 'stage = ["open"]', 'untold = ["fixed"]')
    assert problems(HEAD + rule) == [
        (
            'policy.toml:13: rule "mine" is impossible: while a bug is open or in progress, no fix, plan, release or '
            "no is left to be told; remove it, or change its conditions."
        )
    ]


def test_what_two_rules_leave_nothing_of_is_named_by_both() -> None:
    """A rule need not be taken by one alone."""
    young, old = (written(name, f"when.age_days.{name} = 30", 'tell = "all"') for name in ("max", "min"))
    assert problems(HEAD + young + old + written("late", 'when.brand = ["acme"]', 'tell = "all"')) == [
        (
            'policy.toml:16: rule "late" is unreachable: rules "max" and "min" above together take all of it; move it '
            "above them, or narrow one of them."
        )
    ]


def test_a_rule_with_another_mistake_takes_nothing_and_is_not_judged() -> None:
    """What it means isn't known, so nothing is concluded from it."""
    wrong = written("wrong", 'when = { satge = ["open"] }', 'tell = "all"')
    assert problems(HEAD + wrong + written("late", 'tell = "all"') + wrong.replace('"wrong"', '"last"')) == [
        'policy.toml:10: rule "wrong": when has the unknown key "satge"; did you mean "stage"?',
        'policy.toml:17: rule "last": when has the unknown key "satge"; did you mean "stage"?',
    ]


def test_notes_say_where_a_narrowed_rule_still_applies_in_the_order_of_lines() -> None:
    """They are no mistakes: the policy is read all the same."""
    toml = HEAD + "".join(
        [
            written("first", 'when = { brand = ["acme"] }', 'tell = "all"'),
            written("second", 'when = { stage = ["open"] }', 'tell = "all"'),
            written("apart", 'when = { brand = ["acme"], helpdesk = ["a"] }', 'person = "lead: look"').replace(
                '"acme"', '"other"'
            ),
        ]
    )
    assert policy_notes(toml, parse_policy(toml), "mine.toml") == [
        (
            'mine.toml:12: note: rule "second" still applies where the brand isn\'t "acme"; rule "first" above takes '
            "the rest."
        ),
        (
            'mine.toml:16: note: rule "apart" still applies where the bug is in progress, fixed, released or declined; '
            'rule "second" above takes the rest.'
        ),
    ]


def test_all_problems_are_reported_at_once_in_the_order_of_their_lines() -> None:
    """A lead mends a file in one go; `where` is the file's name as they know it."""
    toml = """name = 3
[grid]
"frequent" = "every 2-8 weeks"
"frequent, workaround" = "every 8-4 weeks"
"infrequent" = "news"
"enterprize" = "every 1-4 weeks"
[limits]
per_contact_days = "7"
"""
    with pytest.raises(ConfigError) as caught:
        parse_policy(toml, "t.toml")
    assert list(caught.value.problems) == [
        "t.toml:1: The policy must say version = 1.",
        "t.toml:1: name must be some text, not 3.",
        't.toml:2: [grid] has no cell "infrequent, workaround"; all five are needed.',
        't.toml:2: [grid] has no cell "enterprise"; all five are needed.',
        't.toml:4: [grid] frequent, workaround must have the less first, and weeks from 1 to 521: "every 8-4 weeks".',
        't.toml:6: [grid] has the unknown key "enterprize"; did you mean "enterprise"?',
        't.toml:8: [limits] per_contact_days must be a whole number from 0 to 3650, not "7".',
    ]


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("version = 1\n[grid\n", "policy.toml:2: This is not TOML, at column 6: "),
        ("version = 1\nname = ", "policy.toml:2: This is not TOML"),
        ("version = 1\nversion = 1\n", "policy.toml:2: This is not TOML"),
        (HEAD.replace("version = 1", "version = 2"), "policy.toml:1: The policy must say version = 1."),
    ],
)
def test_what_is_not_toml_or_not_our_version_is_named_with_its_line(toml: str, problem: str) -> None:
    """The parser's own words follow."""
    assert problems(toml)[0].startswith(problem)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_list_of_problems(noise: str) -> None:
    """Nothing but ConfigError comes of a bad file; each problem is a sentence with its place."""
    assert all(problem.startswith("policy.toml:") and problem[-1] in ".?" for problem in problems(noise))


@given(
    st.sampled_from(SHIPPED_TEXT.split("\n")),
    st.sampled_from(["3", '"x"', "[]", "{}", "-1.5", "true", "[[1]]", '["x", 2]']),
)
def test_any_value_in_any_place_is_judged_without_a_crash(line: str, value: str) -> None:
    """Whatever stands behind a key, the outcome is a policy or a list of problems."""
    damaged = SHIPPED_TEXT.replace(line, f"{line.partition(' =')[0]} = {value}", 1) if " =" in line else SHIPPED_TEXT
    try:
        parsed: object = parse_policy(damaged)
    except ConfigError as error:
        parsed = error
    assert isinstance(parsed, Policy | ConfigError)
