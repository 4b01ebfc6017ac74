"""`bugbridge check-reply`: one reply or a stream of them, with or without a configuration."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bugbridge.core.promises import PromiseEvent, SaidPromise
from bugbridge.entry.cli import cli
from bugbridge.entry.commands_check_reply import LONGEST_REPLY
from bugbridge.entry.reply_lines import LONGEST_LINE, ReplyLines
from bugbridge.services import reply_checking
from tests.entry.scene import CONFIG, Scene

PROMISE = "We know of this problem, and we will fix it."
HARMLESS = "This is what we know of it, and it is not fixed."
FRENCH = "Nous connaissons ce problème, mais il est encore ouvert."
OWN_RULE = """
version = 1
language = "en"
[[rule]]
id = "slang"
level = "warning"
match = ["lol"]
message = "Slang."
suggest = "Say it plainly."
bad = ["That is what it is, lol."]
[[rule]]
id = "next_date"
level = "warning"
scope = "reply"
needs = "next_date_due"
match = ["write again by"]
message = "The next date isn't named."
suggest = "I'll write again by Friday."
[[rule]]
id = "thanks"
level = "info"
scope = "reply"
needs = "first_reply"
match = ["thank you"]
message = "They took the trouble to report it."
suggest = "Thank you for telling us."
"""


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration anywhere, and no database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def run(*arguments: str, typed: str | bytes = "") -> Result:
    """Run the command without naming a configuration."""
    return CliRunner().invoke(cli, ["check-reply", *arguments], input=typed)


def lines_of(*contents: object) -> str:
    """JSON Lines."""
    return "".join(f"{json.dumps(content)}\n" for content in contents)


def rules_found(facts: Any) -> list[str]:
    """Which rules found something."""
    return [finding["rule"] for finding in facts["findings"]]


@pytest.mark.usefixtures("nothing_here")
def test_a_promise_is_shown_underlined_with_a_better_sentence() -> None:
    """Where it is, why it hurts, what to write instead; it ends with 1."""
    Path("reply.txt").write_text(f"Hi Ann,\n\n{PROMISE}\n", encoding="utf-8")
    result = run("reply.txt")
    assert (result.exit_code, result.stderr) == (1, "")
    head, words, line, why, better = result.stdout.splitlines()[:5]
    assert head == "error: promise_solution, line 3, column 30"
    assert line.strip() == "^" * len("we will fix")
    assert words[line.index("^") :].startswith("we will fix")
    assert why.startswith("  A fix is promised.")
    assert better.startswith("  Better: We know of this bug")
    assert "\n\n1 error.\nJudged for a bug that is open;" in result.stdout


@pytest.mark.usefixtures("nothing_here")
def test_a_harmless_reply_is_left_as_it_is() -> None:
    """From a pipe, by name, or with a dash."""
    for arguments in ([], ["-"]):
        result = run(*arguments, typed=HARMLESS)
        assert (result.exit_code, result.stdout) == (0, "Nothing to change.\n")


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (FRENCH, [], "Not checked: there are no rules for fr.\n"),
        (HARMLESS, ["--language", "fr-CA"], "Not checked: there are no rules for fr.\n"),
        ("xyz " * 20, [], "Not checked: its words don't tell which language it is in; say it with --language.\n"),
    ],
)
def test_a_language_without_rules_is_no_pass(text: str, options: list[str], said: str) -> None:
    """A script must not take it for one."""
    result = run(*options, typed=text)
    assert (result.exit_code, result.stdout) == (4, said)
    facts = json.loads(run(*options, "--json", typed=text).stdout)
    assert (facts["checked"], facts["findings"]) == (False, [])


@pytest.mark.usefixtures("nothing_here")
def test_programs_get_one_object() -> None:
    """With places counted in characters of the reply as it was given."""
    text = f"Grüße 🙂!\r\n{PROMISE}"
    facts = json.loads(run("--json", typed=text.encode()).stdout)
    assert list(facts) == ["findings", "promises", "checked", "language", "language_assumed", "stage"]
    (finding,) = facts["findings"]
    assert list(finding) == ["rule", "level", "start", "end", "text", "message", "suggestion"]
    assert (finding["text"], text[finding["start"] : finding["end"]]) == ("we will fix", "we will fix")
    assert (facts["promises"], facts["checked"], facts["language"]) == ([], True, "en")


@pytest.mark.usefixtures("nothing_here")
def test_a_fix_and_its_time_are_fine_once_a_release_is_planned() -> None:
    """And at no other stage."""
    text = "We have a fix, and we will repair it for you soon."
    planned = json.loads(run("--stage", "fixed", "--release-planned", "--json", typed=text).stdout)
    fixed = json.loads(run("--stage", "fixed", "--json", typed=text).stdout)
    assert set(rules_found(fixed)) - set(rules_found(planned)) == {"promise_solution", "promise_timeline"}


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--ticket", "support:1", "--stage", "open"], "What is known of support:1 counts: leave --stage out"),
        (["--ticket", "support:1", "--first"], "leave --first out, or --ticket."),
        (["--issue", "acme/app#12"], "it goes with --ticket."),
        (["--release-planned"], "--release-planned goes with --stage fixed"),
        (["--release-planned", "--stage", "open"], "--release-planned goes with --stage fixed"),
        (["--jsonl", "--stage", "open", "--first"], "leave --stage and --first out."),
        (["--jsonl", "--json"], "--jsonl puts out JSON, one object on each line: leave --json out."),
        (["--language", "deutsch"], "'deutsch' is no language"),
        (["--ticket", "support:1"], "There is no bugbridge.toml here"),
    ],
)
def test_what_cant_be_meant_is_one_sentence(arguments: list[str], sentence: str) -> None:
    """Wrong use, which ends with 2."""
    result = run(*arguments, typed=PROMISE)
    assert (result.exit_code, result.stdout, sentence in result.stderr) == (2, "", True), result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"gr\xfc\xdfe", "reply.txt isn't UTF-8: save the reply as UTF-8.\n"),
        (b"\xef\xbb\xbf \n\t", "reply.txt is empty: there is no reply to check.\n"),
        (b"x" * (LONGEST_REPLY + 1), "reply.txt is longer than 1,000,000 bytes: is it one reply?\n"),
        (None, "reply.txt can't be read: No such file or directory.\n"),
    ],
)
def test_a_file_that_is_no_reply_is_one_sentence(data: bytes | None, sentence: str) -> None:
    """It ends with the exit code of a file."""
    if data is not None:
        Path("reply.txt").write_bytes(data)
    result = run("reply.txt")
    assert (result.exit_code, result.stdout, result.stderr) == (4, "", sentence)


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize(
    "typed", [f"\n{lines_of({'id': 1, 'text': PROMISE}, {'text': HARMLESS})}", json.dumps({"text": PROMISE}, indent=1)]
)
def test_json_lines_are_no_reply(typed: str) -> None:
    """Their texts would be quoted words, in which nothing is ever found: a script must not take that for a pass."""
    result = run(typed=typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Standard input holds JSON and no reply: say --jsonl, with one object on each line.\n"


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize("text", ['{"code": 500} is what it says, and this is what we know.', "{" * 100_000])
def test_a_reply_may_begin_as_json_does(text: str) -> None:
    """An agent may quote what a program said."""
    assert run("--language", "en", typed=text).exit_code == 0


@pytest.mark.usefixtures("nothing_here")
def test_nothing_in_a_reply_steers_the_terminal() -> None:
    """Not within what was found, nor around it; a long line is cut, and what is underlined still is."""
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e"
    text = f"{hostile}{'word ' * 50}we \u202e\x07will \x07fix \x9b31m it {hostile}{'and on ' * 50}"
    for options in (["--language", "en"], ["--jsonl"]):
        typed = lines_of({"text": text, "language": "en"}) if "--jsonl" in options else text
        shown = run(*options, typed=typed).stdout
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    words, line = run("--language", "en", typed=text).stdout.splitlines()[1:3]
    assert words[line.index("^") : line.rindex("^") + 1] == "we will fix"
    assert len(words) < 200


@pytest.mark.usefixtures("nothing_here")
def test_wide_characters_are_underlined_where_they_stand() -> None:
    """They take two columns of a terminal."""
    words, line = run("--language", "en", typed="漢字 we will fix it.").stdout.splitlines()[1:3]
    assert line.index("^") == words.index("we") + len("漢字")


@pytest.mark.usefixtures("nothing_here")
def test_many_are_checked_line_by_line_each_at_its_own_stage() -> None:
    """In order, with their ids; the stage may be called state, as in wording files; null is as good as nothing."""
    soon = "We have a fix, and we will solve it for you soon."
    result = run(
        "--jsonl",
        typed=lines_of(
            {"id": "a", "text": soon, "stage": "fixed_release_planned"},
            {"id": 2, "text": soon, "stage": None},
            {"text": soon, "state": "fixed", "release_planned": True, "labels": ["ok"]},
            {"id": None, "text": HARMLESS, "language": "en"},
        ),
    )
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("id", "none") for one in found] == ["a", 2, "none", "none"]
    assert ["promise_timeline" in rules_found(one) for one in found] == [False, True, False, False]
    keys = ["id", "findings", "promises", "checked", "language", "language_assumed", "stage"]
    assert [list(one) for one in found[:2]] == [keys, keys]
    assert [one["stage"] for one in found] == ["fixed_release_planned", "open", "fixed_release_planned", "open"]
    assert (result.exit_code, result.stderr) == (1, "Not read: labels (first in line 3).\n")


@pytest.mark.usefixtures("nothing_here")
def test_a_bad_line_is_named_and_loses_no_good_one() -> None:
    """Each with its number; it ends with the exit code of a file, whatever else was found."""
    bad = [
        b"{",
        b'{"text": "gr\xfc"}',
        b"[1]",
        b'{"id": 1}',
        b'{"text": "a", "stage": "fixd"}',
        b'{"text": "' + b"x" * LONGEST_LINE + b'"}',
        b"[" * 100_000,
        b'{"text": "\\u001b[31m", "language": "\\u001b[31m"}',
        b'{"text": " "}',
        b'{"text": "a", "id": [1]}',
        b'{"text": "a", "release_planned": true}',
    ]
    good = lines_of({"id": "good", "text": PROMISE}).encode()
    result = run("--jsonl", typed=b"\n".join(bad) + b"\n\n" + good)
    assert result.exit_code == 4
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["good"]
    said = result.stderr.splitlines()
    assert [line.split(":")[0] for line in said] == [f"Standard input, line {number}" for number in range(1, 12)]
    assert said[-1].endswith("release_planned goes with the stage fixed: what isn't fixed has no planned release.")
    assert [line.partition(": ")[2] for line in said][:5] == [
        "isn't JSON; each line is one JSON object.",
        "isn't UTF-8: save it as UTF-8.",
        'isn\'t a JSON object, such as {"text": "We have no timeline."}.',
        "text is missing.",
        "stage: input should be 'open', 'in_progress', 'fixed', 'released', 'declined' or 'fixed_release_planned'.",
    ]
    assert "\x1b" not in result.stderr


@pytest.mark.usefixtures("nothing_here")
def test_a_line_whose_language_has_no_rules_is_no_pass() -> None:
    """It is said in the line itself, and by the exit code."""
    result = run("--jsonl", typed=lines_of({"text": FRENCH, "language": "fr"}, {"text": HARMLESS}))
    assert [json.loads(line)["checked"] for line in result.stdout.splitlines()] == [False, True]
    assert result.exit_code == 4


def test_however_many_lines_there_are_one_is_read_at_a_time() -> None:
    """A stream is followed, not gathered: nothing is read ahead of what was given."""

    class Endless:
        read = 0

        def readline(self, _limit: int) -> bytes:
            self.read += 1
            return b'{"text": "a"}\n'

    stream = Endless()
    lines = iter(ReplyLines(stream))  # type: ignore[arg-type]  # all that is needed of one
    assert [next(lines).number for _ in range(3)] == [1, 2, 3]
    assert stream.read == 3


def test_the_teams_own_rules_count_where_there_is_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in the current folder is found, too; no database is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)
    Path("own.toml").write_text(OWN_RULE, encoding="utf-8")
    Path("bugbridge.toml").write_text("database = 'bugbridge.sqlite'\nwording = 'own.toml'", encoding="utf-8")
    result = run("--json", typed="That is what it is, lol.")
    assert (result.exit_code, rules_found(json.loads(result.stdout))) == (0, ["slang"])
    assert not Path("bugbridge.sqlite").exists()


@pytest.mark.usefixtures("nothing_here")
def test_a_finding_about_the_whole_reply_says_so() -> None:
    """There are no words to underline."""
    result = run("--first", typed=HARMLESS)
    head, why = result.stdout.splitlines()[:2]
    assert head == "info: missing_thanks, the whole reply"
    assert why == "  The first reply doesn't thank the customer for the report."
    assert (result.exit_code, result.stdout.endswith("1 hint.\n")) == (0, True)


@pytest.fixture
def found_promises(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[SaidPromise]], None]:
    """Say which promises a reply makes."""

    def put(promises: Sequence[SaidPromise]) -> None:
        monkeypatch.setattr(reply_checking, "find_promises", lambda *_: promises)

    return put


@pytest.mark.usefixtures("nothing_here")
def test_promises_are_told_with_their_dates(found_promises: Callable[[Sequence[SaidPromise]], None]) -> None:
    """In UTC for programs; conditional ones with their event."""
    due_at = datetime(2026, 6, 12, 18, tzinfo=UTC)
    found_promises((SaidPromise(0, 4, due_at), SaidPromise(5, 7, None, PromiseEvent.RELEASED)))
    facts = json.loads(run("--json", typed=HARMLESS).stdout)
    assert facts["promises"] == [
        {"start": 0, "end": 4, "text": "This", "due_at": "2026-06-12T18:00:00.000000Z", "event": None},
        {"start": 5, "end": 7, "text": "is", "due_at": None, "event": "released"},
    ]
    assert run(typed=HARMLESS).stdout.splitlines() == [
        "Promised (by 2026-06-12 18:00 UTC): This",
        "Promised (when it is released): is",
        "Nothing to change.",
    ]


def checked_for(scene: Scene, ticket: str, text: str, *more: str) -> Any:
    """What is found in a reply on a ticket."""
    return json.loads(scene.run("check-reply", "--ticket", ticket, "--json", *more, typed=text).stdout)


def test_a_ticket_says_how_far_its_bug_is(scene: Scene) -> None:
    """What its customer may be told depends on that; a ticket that isn't known is one sentence."""
    scene.config.write_text(CONFIG.replace("[calendar]", "wording = 'own.toml'\n[calendar]"), encoding="utf-8")
    rule = OWN_RULE.replace('match = ["lol"]', 'match = ["lol"]\nonly_states = ["released"]')
    scene.config.with_name("own.toml").write_text(rule, encoding="utf-8")
    ticket = scene.reported_bug()
    scene.read()
    assert rules_found(checked_for(scene, ticket, "That is what it is, lol.")) == []
    other = scene.released()
    assert rules_found(checked_for(scene, other, "That is what it is, lol.")) == ["slang"]
    result = scene.run("check-reply", "--ticket", "support:99", typed=HARMLESS)
    assert (result.exit_code, "support:99 isn't known here" in result.stderr) == (2, True)


def test_which_bug_is_meant_has_to_be_said_where_there_are_several(scene: Scene) -> None:
    """As with every other command."""
    ticket = scene.reported_bug()
    scene.read()
    scene.tracker.add("github:acme/app#13", scene.clock.now())
    scene.say("link", ticket, "acme/app#13")
    result = scene.run("check-reply", "--ticket", ticket, typed=HARMLESS)
    assert (result.exit_code, "say which with --issue" in result.stderr) == (2, True)
    assert checked_for(scene, ticket, HARMLESS, "--issue", "acme/app#13")["checked"] is True


def test_wrong_rules_are_all_said_with_their_lines(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """By the command, by `doctor`, and before the daemon begins; commands that need none don't mind."""
    scene.config.write_text(CONFIG.replace("[calendar]", "wording = ['own.toml', 'none.toml']\n[calendar]"), "utf-8")
    own = scene.config.with_name("own.toml")
    own.write_text('version = 1\nlanguage = "en"\n[[rule]]\nid = "a"\nmatch = ["{nobody} lol"]\n', encoding="utf-8")
    result = scene.run("check-reply", typed=HARMLESS)
    problems = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (2, "")
    assert any(line.startswith(f"{own}:") for line in problems)
    assert any("none.toml can't be read: No such file or directory." in line for line in problems)
    doctor = scene.run("doctor").stdout
    assert all(f"BAD wording: {line}" in doctor for line in problems)
    assert scene.run("daemon").exit_code == 2
    hint = "Hint: `bugbridge wording check` shows it with its line."
    assert {f"daemon.wording: {line} {hint}" for line in problems} <= set(caplog.messages)
    assert scene.run("due").exit_code == 0
