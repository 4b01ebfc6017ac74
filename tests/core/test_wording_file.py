"""What a wording file may say, how a team's own file adds to the shipped ones, and what its author is told."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import ConfigError
from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_checks import PROMISE_KEYS, RULE_KEYS, TOP_KEYS
from bugbridge.core.wording_file import MOST_NESTED, WordingFile, parse_wordings
from bugbridge.core.wording_model import Example, Frame, Level, Need, Rule, Scope, Situation, Wording
from bugbridge.core.wording_patterns import read_pattern

FOLDER = Path(__file__).parents[2] / "config"
HEAD = 'version = 1\nlanguage = "en"\n'
SHIPPED = f"""{HEAD}common_words = ["the", "And"]
[macros]
we = ["i|we"]
[[rule]]
id = "promise"
level = "error"
match = ["{{we}} will fix"]
unless = ["will not"]
message = "It hurts."
suggest = "Say less."
good = ["We will not fix it."]
bad = ["We will fix it."]
"""


def wording(*files: str) -> Wording:
    """The English rules of files: the shipped one, then the team's."""
    return parse_wordings([WordingFile(toml, f"{number}.toml") for number, toml in enumerate(files, start=1)])["en"]


def problems(*files: str) -> list[str]:
    """What the author is told of files; fails where there is nothing to tell."""
    with pytest.raises(ConfigError) as caught:
        wording(*files)
    return list(caught.value.problems)


def frames(*texts: str) -> tuple[Frame, ...]:
    """Frames of one pattern each."""
    return tuple(Frame((text,), (read_pattern(text),)) for text in texts)


def test_a_rule_may_say_everything() -> None:
    """Every key of a rule is kept."""
    rule = """
[[rule]]
id = "mine"
level = "warning"
level_in = { declined = "error" }
scope = "reply"
needs = "first_reply"
match = ["thank*", ["glad", "wrote"]]
unless = ["no thank*"]
without = ["but"]
next_step = ["write"]
allowed_states = ["released"]
only_states = ["open", "fixed_release_planned"]
message = "Why."
suggest = "What."
good = ["Thanks.", { text = "Thanks!", state = "fixed" }]
bad = ["Hello."]
"""
    assert wording(HEAD + rule).rules == (
        Rule(
            "mine",
            Level.WARNING,
            (*frames("thank*"), Frame(("glad", "wrote"), (read_pattern("glad"), read_pattern("wrote")))),
            "Why.",
            "What.",
            unless=frames("no thank*"),
            without=frames("but"),
            next_step=frames("write"),
            allowed_states=frozenset({"released"}),
            only_states=frozenset({"open", "fixed_release_planned"}),
            level_in={"declined": Level.ERROR},
            scope=Scope.REPLY,
            needs=Need.FIRST_REPLY,
            good=(Example("Thanks."), Example("Thanks!", Stage.FIXED.value)),
            bad=(Example("Hello."),),
        ),
    )


def test_promises_are_read_too() -> None:
    """How agents promise to write again; several files add up."""
    toml = 'version = 1\nlanguage = "en"\n[promises]\ndated = ["{0}"]\n[promises.events]\nreleased = ["once {0}"]\n'
    promises = wording(toml.replace("{0}", "by"), toml.replace("{0}", "until")).promises
    assert promises.dated == frames("by", "until")
    assert promises.events == {"released": frames("once by", "once until")}


def test_a_teams_file_adds_to_the_shipped_one() -> None:
    """Macros, words and lists grow; levels and sentences are replaced; what isn't named stays."""
    team = f"""{HEAD}common_words = ["or"]
[macros]
we = ["our team"]
[[rule]]
id = "promise"
level = "info"
suggest = "Say nothing."
unless = ["{{we}} will fix lunch"]
bad = ["Our team will fix it."]
[[rule]]
id = "own"
level = "error"
match = ["{{we}} guess"]
message = "No."
suggest = "Ask."
"""
    both = wording(SHIPPED, team)
    changed, own = both.rules
    assert both.common_words == {"the", "and", "or"}
    assert (changed.level, changed.message, changed.suggest) == (Level.INFO, "It hurts.", "Say nothing.")
    assert (changed.unless, len(changed.bad)) == (frames("will not", "{we} will fix lunch"), 2)
    assert own.id == "own"
    found = check_reply("Our team will fix it. We will fix lunch. I guess.", both, Situation())
    assert [one.text for one in found] == ["Our team will fix", "I guess"]


def test_a_team_switches_a_rule_off_and_on_again() -> None:
    """The last file decides."""
    said = f'{HEAD}[[rule]]\nid = "promise"\noff = {{}}\n'
    assert wording(SHIPPED, said.format("true")).rules == ()
    assert len(wording(SHIPPED, said.format("true"), said.format("false")).rules) == 1


def test_languages_are_kept_apart() -> None:
    """A file in another language adds nothing to English."""
    both = parse_wordings([WordingFile(SHIPPED, "en"), WordingFile('version = 1\nlanguage = "de"\n', "de")])
    assert (len(both["en"].rules), both["de"].rules, both["de"].macros) == (1, (), {})


def test_a_teams_mistake_names_the_teams_file_and_line() -> None:
    """The shipped file isn't to blame."""
    team = f'{HEAD}[[rule]]\nid = "promise"\nmatch = ["{{me}} will"]\n[[rule]]\nid = "promis"\noff = true\n'
    assert problems(SHIPPED, team) == [
        '2.toml:5: rule "promise" uses the macro {me}, which there isn\'t.',
        '2.toml:6: There is no rule "promis" to switch off; did you mean "promise"?',
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('id = "promis"\nlevel = "info"', 'There is no rule "promis" to change; did you mean "promise"?'),
        ('id = "zzz"\noff = true', 'There is no rule "zzz" to switch off.'),
        ('id = "zzz"\nlevel = "info"', 'rule "zzz" has no match and no message and no suggest.'),
        (
            'id = "promises"\nmatch = ["a"]\nmessage = "m"\nsuggest = "s"',
            'rule "promises" has no level; did you mean "promise"?',
        ),
    ],
)
def test_a_rule_that_isnt_there_is_told_by_what_was_meant_with_it(rule: str, problem: str) -> None:
    """Who switches off or changes a rule has mistyped its id; who writes patterns has a rule of their own."""
    assert problems(SHIPPED, f"{HEAD}[[rule]]\n{rule}\n") == [f"2.toml:3: {problem}"]


def test_a_mistyped_key_isnt_missing_as_well() -> None:
    """One mistake, one complaint."""
    rule = '[[rule]]\nid = "mine"\nlevl = "error"\nmatch = ["a"]\nmessage = "m"\nsuggest = "s"\n'
    assert problems(SHIPPED, HEAD + rule) == ['2.toml:5: rule "mine" has the unknown key "levl"; did you mean "level"?']


def test_every_problem_of_all_files_is_told_at_once() -> None:
    """Each with its file and its line."""
    first = """version = 2
language = "English"
colour = "red"
[macros]
Us = ["we"]
none = []
pair = [["we", "will"]]
[[rule]]
level = "fatal"
[[rule]]
id = "Has Space"
"""
    second = """version = true
[macros]
a = ["{b}"]
[[rule]]
id = "mine"
match = ["fix ~99", 3, "{nobody} will"]
good = [{ text = 5, state = "open" }, { text = "a", state = "opened" }, { text = "a" }]
level_in = { later = "error" }
scope = "reply"
"""
    assert [problem.partition(": ")[0] for problem in problems(first, second)] == [
        *("1.toml:1", "1.toml:2", "1.toml:3", "1.toml:5", "1.toml:6", "1.toml:7", "1.toml:8", "1.toml:9", "1.toml:11"),
        *("2.toml:1", "2.toml:1", "2.toml:6", "2.toml:6", "2.toml:7", "2.toml:7", "2.toml:7", "2.toml:8"),
    ]


RULE = f'{HEAD}[[rule]]\nid = "mine"\nlevel = "error"\nmessage = "m"\nsuggest = "s"\n'


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("version = 1", 'x.toml:1: The wording must say its language, such as language = "en".'),
        ('version = 1\nlanguage = "de-AT"', 'x.toml:2: language must be a language such as "en", not "de-AT".'),
        (f"{HEAD}rule = 3", "x.toml:3: A rule begins with [[rule]], in two pairs of brackets."),
        (f"{HEAD}macros = 3", "x.toml:3: [macros] must be a table, not 3."),
        (f"{HEAD}promises = 3", "x.toml:3: [promises] must be a table, not 3."),
        (f"{HEAD}[promises]\nevents = 3", "x.toml:4: [promises.events] must be a table, not 3."),
        (f'{HEAD}[promises]\ndated = ["{{a}} b"]', "x.toml:4: [promises] uses the macro {a}, which there isn't."),
        (f'{RULE}match = ["a"]\n[[rule]]\nid = "mine"', 'x.toml:9: rule "mine" is there twice.'),
        (f"{RULE}match = []", 'x.toml:8: rule "mine": match is an empty list, which finds nothing.'),
        (f"{RULE}mach = []", 'x.toml:8: rule "mine" has the unknown key "mach"; did you mean "match"?'),
        (
            f'{RULE}match = ["a"]\nneeds = "first_reply"',
            'x.toml:3: rule "mine": needs and scope = "reply" go together.',
        ),
        (
            f'{HEAD}[macros]\na = ["{{a}} b"]',
            "x.toml:4: [macros] a leads in a circle, or through more than 12 macros within each other.",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(toml: str, problem: str) -> None:
    """What, where, and what to do."""
    with pytest.raises(ConfigError) as caught:
        parse_wordings([WordingFile(toml, "x.toml")])
    assert problem in caught.value.problems


def test_macros_may_be_made_of_macros_but_not_without_end() -> None:
    """A chain is found out where it gets too long, which also keeps circles out."""
    chain = [f'm{"a" * number} = ["{{m{"a" * (number - 1)}}} b"]\n' for number in range(1, MOST_NESTED + 2)]
    start = f'{HEAD}[macros]\nm = ["b"]\n'
    wording(start + "".join(chain[: MOST_NESTED - 1]))
    assert len(problems(start + "".join(chain))) == 2


@pytest.mark.parametrize("toml", ["a = " + "[" * 5000, "version = 0x" + "f" * 9999, "\x00", "[", "a = {b = ", "😀"])
def test_what_is_no_toml_is_told_so(toml: str) -> None:
    """Text that no reader survives included."""
    assert problems(toml)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["a", "{a} b", "en", "open"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["text", "state", "a", "open"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def table(keys: Mapping[str, object], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Tables with some of these keys."""
    return st.dictionaries(st.sampled_from([*keys, "unknown"]), values, max_size=6)


RULES = st.lists(st.one_of(table(RULE_KEYS, VALUES), VALUES), max_size=3)
FILES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TOP_KEYS, VALUES),
        "language": st.one_of(st.just("en"), VALUES),
        "macros": st.one_of(VALUES, table({"a": 0, "b": 0}, VALUES)),
        "rule": st.one_of(RULES, VALUES),
        "promises": st.one_of(VALUES, table(PROMISE_KEYS, VALUES)),
    },
)


def toml_of(value: object) -> str:
    """A value as TOML writes it; what it doesn't have is a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_of(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    if isinstance(value, int | float):
        return str(value)
    return '"' + "".join(f"\\U{ord(each):08x}" for each in str(value)) + '"'


@given(st.lists(FILES, min_size=1, max_size=2))
def test_any_shape_is_read_or_refused_with_sentences(files: list[dict[str, Any]]) -> None:
    """Wrong types anywhere end in problems with a place, never in another error."""
    texts = ["".join(f"{key} = {toml_of(value)}\n" for key, value in file.items()) for file in files]
    assert all(tomllib.loads(text) is not None for text in texts)
    with suppress(ConfigError):
        for one in parse_wordings([WordingFile(text, "x.toml") for text in texts]).values():
            check_reply("a b", one, Situation())


def test_the_shipped_files_are_read() -> None:
    """Each rule has a finding's sentences, and examples of both kinds."""
    files = [WordingFile(one.read_text("utf-8"), one.name) for one in sorted(FOLDER.glob("wording*.toml"))]
    rules = [rule for one in parse_wordings(files).values() for rule in one.rules]
    assert rules
    assert [rule.id for rule in rules if not (rule.good and rule.bad)] == []


def test_every_key_of_a_rule_is_explained() -> None:
    """In the text that lies beside the files, by its name."""
    explained = (FOLDER / "wording.md").read_text("utf-8")
    assert [key for key in RULE_KEYS if f"`{key}`" not in explained and f"`{key} =" not in explained] == []
