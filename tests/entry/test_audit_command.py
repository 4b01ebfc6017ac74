"""`bugbridge audit`: which bugs, in which form, where to; and what it says where there is nothing."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bugbridge.entry.audit_output import chosen_form
from bugbridge.entry.commands_audit import NO_BUGS, _reading
from bugbridge.render.audit_csv import HEADER
from tests.entry.scene import BUG, START, Scene

FORMS = ("text", "markdown", "html", "csv", "json")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_goes_to_standard_output_or_to_a_file(scene: Scene, form: str) -> None:
    """The file holds what would have been said, and is named with what is in it."""
    scene.released()
    said = scene.say("audit", "--format", form)
    wrote = scene.say("audit", "--format", form, "-o", "audit.out")
    assert (wrote.startswith("Wrote the audit of 1 bug as "), wrote.endswith(" to audit.out.\n")) == (True, True)
    written = (scene.config.parent / "audit.out").read_text(encoding="utf-8-sig")
    if form == "csv":
        assert [BUG in line for line in written.splitlines()] == [False, True]
    assert len(said.splitlines()) == len(written.splitlines())


def test_json_has_two_names() -> None:
    """The option that every command has, and the form."""
    assert chosen_form(None, None, as_json=True) == chosen_form("json", None, as_json=True) == "json"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.md", "markdown"),
        ("a.csv", "csv"),
        ("a.json", "json"),
        ("a.txt", "text"),
        ("a", "text"),
    ],
)
def test_a_files_ending_says_the_form_unless_it_is_named(name: str, form: str) -> None:
    """A page is no text by accident."""
    assert chosen_form(None, Path(name), as_json=False) == form
    assert chosen_form("text", Path(name), as_json=False) == "text"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--json", "--format", "html"], 2, "--json and --format html ask for two forms"),
        (["--last", "0"], 2, "neither a number from 1 on nor all"),
        (["--last", "9" * 30], 2, "neither a number from 1 on nor all"),
        (["--by", "weather"], 2, "weather"),
        (["--since", "soon"], 2, "'soon' is no date"),
        (["--since", "2199-01-01"], 2, "--since '2199-01-01' lies ahead: ask for an earlier day."),
        (["-o", "audit.pdf"], 2, "--output audit.pdf: end it in one of .txt, .md, .html, .htm, .csv, .json"),
        (["-o", "absent/audit.html"], 4, "absent/audit.html can't be written"),
        (["-o", "/dev/null"], 2, "no file that could be replaced"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(scene: Scene, options: list[str], code: int, said: str) -> None:
    """With the house's exit codes, and nothing on standard output."""
    result = scene.run("audit", *options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_bugs_are_chosen_by_number_and_by_date(scene: Scene) -> None:
    """A day begins at its midnight in the team's zone; everything since then is asked for unless a number is."""
    scene.released()
    for options in (["--last", "all"], ["--last", "1"], ["--since", f"{START - timedelta(days=2):%Y-%m-%d}"]):
        assert scene.facts("audit", *options)["n"] == 1, options


def test_groups_are_those_asked_for(scene: Scene) -> None:
    """Each once."""
    scene.released()
    facts = scene.facts("audit", "--by", "quarter", "--by", "label", "--by", "quarter")
    assert facts["question"]["by"] == ["quarter", "label"]


def test_with_nothing_to_audit_it_says_what_to_do(scene: Scene) -> None:
    """In text; a program gets its zero."""
    assert scene.say("audit") == f"{NO_BUGS}\n"
    assert all(command in NO_BUGS for command in ("`bugbridge sync`", "`bugbridge import`"))
    assert "ask for an earlier day" in scene.say("audit", "--since", "2026-06-01")
    assert scene.facts("audit")["n"] == 0
    assert scene.say("audit", "-o", "audit.html") == f"Wrote the audit of 0 bugs as HTML to audit.html.\n{NO_BUGS}\n"
    assert scene.say("audit", "--format", "csv").split(",")[0] == HEADER[0]


def test_a_report_that_fails_leaves_the_earlier_one(scene: Scene) -> None:
    """The file is there whole or not at all."""
    scene.released()
    kept = scene.config.with_name("audit.json")
    kept.write_text("{}", encoding="utf-8")
    scene.config.with_name("policy.toml").write_text("version = 2\n", encoding="utf-8")
    scene.config.write_text(f'policy = "policy.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    assert scene.run("audit", "-o", "audit.json").exit_code == 2
    assert json.loads(kept.read_text(encoding="utf-8")) == {}
    assert not [path for path in scene.config.parent.iterdir() if path.name.endswith(".unfinished")]


def test_the_file_that_is_read_is_never_written_over(scene: Scene) -> None:
    """By whatever name it is called."""
    path = scene.config.with_name("bugs.csv")
    path.write_text("id,reported_at,fixed_at\n", encoding="utf-8")
    result = scene.run("audit", "--csv", "bugs.csv", "-o", str(path))
    assert (result.exit_code, "is the file that is read" in result.stderr) == (2, True)


class _Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("last", "shown"), [(2, "100%"), (None, "Bugs read: 2")])
def test_progress_is_shown_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, last: int | None, shown: str
) -> None:
    """How many of how many, or how many so far."""
    watched = _Terminal()
    monkeypatch.setattr(sys, "stderr", watched)
    with _reading(last) as progress:
        progress(1)
        progress(2)
    assert shown in watched.getvalue()


def test_help_has_examples(scene: Scene) -> None:
    """And says which columns a plain file may have."""
    said = scene.say("audit", "--help")
    for part in ("bugbridge audit --csv", "status_updates", "case and blanks", "--since DATE", "N|all"):
        assert part in " ".join(said.split()), part
