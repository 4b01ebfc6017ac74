"""How rules judge a reply: frames, exceptions, next steps, states, needs, and the reply's language."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply, judge
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Level, Situation, Verdict, Wording, WordingFinding

RULE = 'level = "error"\nmessage = "It hurts."\nsuggest = "Say less."\n'
PROMISE = f'[[rule]]\nid = "promise"\n{RULE}match = ["{{we}} ~2 will ~3 fix"]\n'


def wordings(*files: str) -> Mapping[str, Wording]:
    """The rules of files in English, each of which may begin with tables."""
    head = 'version = 1\nlanguage = "en"\n[macros]\nwe = ["i|we", "our team"]\n'
    return parse_wordings([WordingFile(head + file, "wording.toml") for file in files])


def found(text: str, rules: str = PROMISE, situation: Situation = Situation()) -> list[str]:  # noqa: B008 # it is frozen
    """What rules find in a reply."""
    return [finding.text for finding in check_reply(text, wordings(rules)["en"], situation)]


def test_a_finding_says_what_where_and_why() -> None:
    """The span is that of the original text, in characters, and so is the text."""
    text = "👩🏽‍💻 Hi!\r\n\r\n<p>Sadly, our\u00a0team will\r\nsoon fix it.</p>"
    start = text.index("our")
    assert check_reply(text, wordings(PROMISE)["en"], Situation()) == (
        WordingFinding(
            "promise", Level.ERROR, start, start + 23, "our\u00a0team will\r\nsoon fix", "It hurts.", "Say less."
        ),
    )


def test_html_names_of_characters_are_read_as_what_they_mean() -> None:
    """The span is that of the text as it came, names included."""
    assert found("<p>Soon&nbsp;we&#39;ll fix&nbsp;it &amp; more.</p>") == ["we&#39;ll fix"]
    assert found("Soon our&nbsp;team&rsquo;ll fix it.") == ["our&nbsp;team&rsquo;ll fix"]
    assert found("&gt; We will fix it.\n\nThat was yesterday.") == []


@given(
    st.lists(
        st.sampled_from(
            ["we", "will", "fix", "it", "\n\n", "é", "u\u0308", "👍", "\r\n", ".", ",", "<b>", "@ann", "“", "”"]
        )
    )
)
def test_the_text_of_a_finding_is_what_stands_there(parts: list[str]) -> None:
    """Whatever surrounds it; it begins and ends with the words that were looked for."""
    text = " ".join(parts)
    for finding in check_reply(text, wordings(PROMISE)["en"], Situation()):
        assert finding.text == text[finding.start : finding.end]
        assert finding.text.startswith("we")
        assert finding.text.endswith("fix")


def test_one_rule_finds_one_thing_in_a_sentence_in_the_order_of_the_text() -> None:
    """The first; a second one in the same sentence adds nothing that helps."""
    assert found("We will fix it and I will fix that. I'll fix this.") == ["We will fix", "I'll fix"]


def test_patterns_that_belong_together_are_found_nearest_to_each_other() -> None:
    """Each further pattern lies anywhere in the sentence; of several the nearest one counts."""
    rules = f'[[rule]]\nid = "timeline"\n{RULE}match = [["{{we}} will fix", "soon|today"]]\n'
    assert found("Soon is a word, and today we will fix it.", rules) == ["today we will fix"]
    assert found("We will fix it. Soon.", rules) == []


def test_an_exception_that_overlaps_clears_a_finding() -> None:
    """`unless` concerns what it overlaps, `without` the whole sentence."""
    rules = PROMISE + 'unless = ["will not"]\nwithout = ["if you"]\n'
    assert found("We will not fix it.", rules) == []
    assert found("We will not do it, but I will fix that.", rules) == ["I will fix"]
    assert found("If you like, we will fix it. We will fix that.", rules) == ["We will fix"]


def test_an_exception_may_begin_in_the_sentence_before() -> None:
    """What was asked there counts, whatever mark ends it; what was said earlier or behind doesn't."""
    rules = PROMISE + 'unless_before = ["send ~5 , we will"]\n'
    assert found("Could you send the log? We will fix it.", rules) == []
    assert found("Send it\n\nWe will fix it.", rules) == []
    assert found("Send the log. Thanks. We will fix it.", rules) == ["We will fix"]
    assert found("We will fix it. Send the log.", rules) == ["We will fix"]
    assert found("Send it. If not, we will fix it.", rules) == ["we will fix"]


def test_a_next_step_clears_a_finding_in_its_sentence_or_the_one_before() -> None:
    """A step that comes later, or that came before, is too far away."""
    rules = f'[[rule]]\nid = "hedge"\n{RULE}match = ["should work"]\nnext_step = ["if not"]\n'
    assert found("It should work; if not, write.", rules) == []
    assert found("It should work. If not, write.", rules) == []
    assert found("It should work. Fine. If not, write.", rules) == ["should work"]
    assert found("If not, write. It should work.", rules) == ["should work"]


@pytest.mark.parametrize(
    ("states", "finding"),
    [
        ('allowed_states = ["fixed_release_planned"]', []),
        ('only_states = ["open"]', []),
        ('only_states = ["fixed"]', ["We will fix"]),
    ],
)
def test_rules_ask_for_the_state(states: str, finding: list[str]) -> None:
    """A fixed bug with a planned release is in both states; elsewhere the rule keeps silent."""
    assert found("We will fix it.", f"{PROMISE}{states}\n", Situation(Stage.FIXED, release_planned=True)) == finding


def test_a_level_may_differ_in_a_state() -> None:
    """The same words hurt more where nothing will come."""
    wording = wordings(f'{PROMISE}level_in = {{ declined = "info" }}\n')["en"]
    levels = [
        check_reply("We will fix it.", wording, Situation(stage))[0].level for stage in (Stage.OPEN, Stage.DECLINED)
    ]
    assert levels == [Level.ERROR, Level.INFO]


def test_a_rule_over_the_whole_reply_misses_something() -> None:
    """Where its need holds and no sentence has it, the finding is the whole reply."""
    rules = f'[[rule]]\nid = "thanks"\nscope = "reply"\nneeds = "first_reply"\n{RULE}match = ["thank*"]\n'
    assert found("Hello. It works.", rules, Situation(first_reply=True)) == ["Hello. It works."]
    assert found("It works. Thanks!", rules, Situation(first_reply=True)) == []
    assert found("Hello. It works.", rules) == []


def test_what_the_author_only_quotes_is_nobodys_promise() -> None:
    """Quotes, code, signatures and quotation marks are left out."""
    text = '> We will fix it.\n\nYou wrote "we will fix it". `we will fix`\n\n-- \nWe Will Fix Ltd'
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "language", "verdict"),
    [
        ("We will fix it.", "en-GB", ("en", True, 1)),
        ("We will fix it.", "EN_us", ("en", True, 1)),
        ("We will fix it.", "", ("en", True, 1)),
        ("We will fix it.", "fr", ("fr", False, 0)),
        ("Nous allons corriger cela dans la prochaine version.", "", ("fr", False, 0)),
        ("Мы исправим это.", "", ("", False, 0)),
        ("Fix!", "", ("en", True, 0)),
    ],
)
def test_a_reply_is_judged_by_the_rules_of_its_language(
    text: str, language: str, verdict: tuple[str, bool, int]
) -> None:
    """A language without rules is never passed as checked."""
    judged = judge(text, wordings(PROMISE), Situation(), language)
    assert (judged.language, judged.checked, len(judged.findings)) == verdict


def test_without_any_rules_nothing_is_checked() -> None:
    """Nothing found is no pass."""
    assert judge("We will fix it.", {}, Situation()) == Verdict((), "en", checked=False)
