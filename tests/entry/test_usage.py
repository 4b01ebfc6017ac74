"""Usage imported by command, and flows named for bugs."""

from pathlib import Path

import pytest

from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from tests.entry.scene import CONFIG, Scene

HEADER = "account,flow,day,uses"


def written(tmp_path: Path, *rows: str, encoding: str = "utf-8") -> str:
    """Write a file of usage, and give its path."""
    path = tmp_path / "usage.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding=encoding)
    return str(path)


def many(accounts: int, days: int = 8) -> list[str]:
    """Rows of so many accounts that use the export on so many days before the scene's."""
    return [f"account {number},export,2026-06-{14 - ago:02},1" for number in range(accounts) for ago in range(days)]


def reported(scene: Scene) -> str:
    """Have a bug that was judged; give its ticket."""
    ticket = scene.reported_bug()
    scene.read()
    return ticket


def test_an_import_says_what_it_did(scene: Scene, tmp_path: Path) -> None:
    """How many days, whose, and what is left to do."""
    file = written(tmp_path, "Acme,export,2026-06-12,3", "Acme,export,2026-06-13,1", encoding="utf-8-sig")
    assert scene.say("usage", "import", file).splitlines() == [
        "Imported 2 days of use and 0 corrections by 1 account, 1 of them new here; 0 known already.",
        "An account that is new here joins its customers once they write in under that id or name.",
        "No bug has a flow yet: `bugbridge flow ISSUE FLOW`, or a label such as flow:export, names one.",
    ]


def test_importing_again_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    """A nightly job may import the whole month each night."""
    file = written(tmp_path, "Acme,export,2026-06-12,3")
    facts = [scene.facts("usage", "import", file, *more) for more in (["--dry-run"], [], [])]
    kept = [(one["dry_run"], one["new"], one["known"], one["new_accounts"]) for one in facts]
    assert kept == [(True, 1, 0, 1), (False, 1, 0, 1), (False, 0, 1, 0)]


def test_a_file_with_problems_is_refused_with_all_of_them(scene: Scene, tmp_path: Path) -> None:
    """Each line names its place; the exit code is that of a file that can't be used."""
    file = written(tmp_path, "Acme,export,yesterday,3", "Acme,,2026-06-12,3", "Acme,export,2026-06-12,3")
    result = scene.run("usage", "import", file)
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.splitlines() == [
        f"{file}:2: column day: 'yesterday' is no day: write 2026-06-12.",
        f"{file}:3: column flow: it is empty.",
        "Nothing was imported: correct the file and import it again.",
    ]
    assert scene.facts("usage", "import", written(tmp_path, "Acme,export,2026-06-12,3"))["new"] == 1


def test_a_line_without_an_end_is_no_row(scene: Scene, tmp_path: Path) -> None:
    """A file that is no text at all is refused without being read into memory as one line."""
    file = written(tmp_path, "a" * 50_000)
    result = scene.run("usage", "import", file)
    assert (result.exit_code, "fewer than the first line names" in result.stderr) == (4, True)


def test_a_file_that_is_not_there_is_refused_in_one_sentence(scene: Scene, tmp_path: Path) -> None:
    """As is a folder."""
    for path in (tmp_path / "none.csv", tmp_path):
        result = scene.run("usage", "import", str(path))
        assert (result.exit_code in (2, 4), result.stdout, "Traceback" in result.stderr) == (True, "", False)


def test_of_several_helpdesks_one_has_to_be_named(scene: Scene, tmp_path: Path) -> None:
    """An id means another account in each."""
    other = '[helpdesks.sales]\nkind = "request_tracker"\nurl = "https://sales.example.com"\n'
    scene.config.write_text(CONFIG + other, encoding="utf-8")
    file = written(tmp_path, "Acme,export,2026-06-12,3")
    results = [scene.run("usage", "import", file, *more) for more in ([], ["--helpdesk", "shop"])]
    assert [(result.exit_code, "support, sales" in result.stderr) for result in results] == [(2, True)] * 2
    assert scene.facts("usage", "import", file, "--helpdesk", "sales")["helpdesk"] == "sales"


def test_usage_decides_how_often_a_bug_is_met(scene: Scene, tmp_path: Path) -> None:
    """From the file by the flow to the sentence that agents read, and how it was decided."""
    reported(scene)
    assert scene.say("flow", "acme/app#12", "Export") == "github:acme/app#12 sits in export.\n"
    assert scene.facts("usage", "import", written(tmp_path, *many(40)))["bugs"] == 1
    scene.say("plan")
    said = scene.say("frequency", "acme/app#12", "--detail").splitlines()
    assert said[0] == "github:acme/app#12 is frequent: 40 of 40 active accounts, 2 days a week."
    assert "We are 95 % sure that 91.2% to 100.0% of the active accounts use export." in said
    assert any("It stays frequent while that may still be 5%, on 0.5 days a week." in line for line in said)


def test_with_few_accounts_the_detail_says_why_tickets_decide(scene: Scene, tmp_path: Path) -> None:
    """So that nobody wonders where the usage went."""
    reported(scene)
    no_flow = scene.say("frequency", "acme/app#12", "--detail")
    scene.say("flow", "acme/app#12", "export")
    scene.say("usage", "import", written(tmp_path, *many(12)))
    scene.clock.at = scene.clock.at.replace(day=23)
    scene.say("plan")
    few = scene.say("frequency", "acme/app#12", "--detail")
    assert "No flow is named for this bug" in no_flow
    assert "Usage decides only where 30 accounts are active; 12 are." in few


def test_a_customers_own_usage_is_counted_in_the_detail(scene: Scene, tmp_path: Path) -> None:
    """It decides for them instead."""
    person = RemotePerson("ada", AuthorKind.CUSTOMER, account=RemoteAccount("17", "Acme"))
    ticket = scene.reported_bug(person)
    scene.read()
    scene.say("flow", "acme/app#12", "export")
    scene.say("usage", "import", written(tmp_path, *[f"Acme,export,2026-06-{day:02},9" for day in range(8, 13)]))
    scene.say("plan")
    said = scene.say("frequency", "acme/app#12", "--detail")
    assert "For 1 reporting account their own usage decides instead of these counts." in said
    assert scene.facts("explain", ticket)["explanations"][0]["facts"]["frequency"] == "frequent"


def test_a_flow_is_named_shown_and_taken_off(scene: Scene) -> None:
    """Twice does nothing, and says so."""
    reported(scene)
    said = [
        scene.say("flow", "acme/app#12", *more).removeprefix("github:acme/app#12 ").strip()
        for more in ([], ["export"], ["export"], [], ["--none"], ["--none"])
    ]
    assert said == [
        "sits in no flow.",
        "sits in export.",
        "sits in export already; nothing was done.",
        "sits in export.",
        "sits in no flow.",
        "sits in no flow already; nothing was done.",
    ]
    assert scene.facts("flow", "acme/app#12", "export") == {
        "issue": "github:acme/app#12",
        "flows": ["export"],
        "by": "hand",
        "changed": True,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "--none"], "not both"),
        ([" "], "A flow has a name"),
        (["a\nb"], "it must be one line"),
    ],
)
def test_a_wrong_flow_is_refused(scene: Scene, arguments: list[str], sentence: str) -> None:
    """In one sentence."""
    reported(scene)
    result = scene.run("flow", "acme/app#12", *arguments)
    assert (result.exit_code, sentence in result.stderr, len(result.stderr.splitlines())) == (2, True, 1)


def test_a_flow_of_an_unknown_issue_is_refused(scene: Scene) -> None:
    """No ticket reports it."""
    result = scene.run("flow", "acme/app#99", "export")
    assert (result.exit_code, "isn't known here" in result.stderr) == (2, True)
