"""The team's own list of people: read as written, all its mistakes at once."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.access import Role
from bugbridge.core.errors import ConfigError
from bugbridge.core.people import Person
from bugbridge.people import COLUMNS, Surroundings, read_people

NAMED = Surroundings(("support", "desk"), ("ada", "eu-team"), "Europe/Berlin")
HEADER = ",".join(COLUMNS) + "\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """Keep a list."""
    path = folder / "people.csv"
    path.write_text(text, encoding=encoding)
    return path


def problems(folder: Path, text: str) -> list[str]:
    """What is said of a list that is wrong."""
    with pytest.raises(ConfigError) as caught:
        read_people(written(folder, text), NAMED)
    return list(caught.value.problems)


def test_each_row_is_somebody(tmp_path: Path) -> None:
    """With Excel's mark at the beginning, empty rows, and a deputy by name, whatever its capitals."""
    text = (
        f"{HEADER}support:7,Ada,ada,America/New_York,de; en-GB,2026-06-01,2026-06-12,ben BECKER,EU,,admin,"
        "support:EU | desk\n\n"
        "Ben@acme.example, Ben  Becker ,,,,2026-07-01,,,,YES,,\n,,,,,,,,,,,\n"
    )
    ada, ben = read_people(written(tmp_path, text, "utf-8-sig"), NAMED).persons
    assert ada == Person(
        "support:7",
        "Ada",
        ZoneInfo("America/New_York"),
        "ada",
        ("de", "en-GB"),
        date(2026, 6, 1),
        date(2026, 6, 12),
        "Ben@acme.example",
        "EU",
        role=Role.ADMIN,
        brands=frozenset({"support:EU", "desk"}),
    )
    away, zone = date(2026, 7, 1), ZoneInfo("Europe/Berlin")
    assert ben == Person("Ben@acme.example", "Ben Becker", zone, away_from=away, lead=True, role=Role.LEAD)


@pytest.mark.parametrize(
    ("lead", "role", "has"),
    [("", "", Role.AGENT), ("yes", "", Role.LEAD), ("yes", "agent", Role.AGENT), ("", "Admin", Role.ADMIN)],
)
def test_a_role_is_the_written_one_or_follows_from_lead(tmp_path: Path, lead: str, role: str, has: Role) -> None:
    """Whoever receives what nobody else does is a lead on the web, too, unless another role is written."""
    (ada,) = read_people(written(tmp_path, f"agent,lead,role\nsupport:7,{lead},{role}\n"), NAMED).persons
    assert (ada.role, ada.brands) == (has, None)


def test_agent_alone_is_enough(tmp_path: Path) -> None:
    """Columns come in any order, parted by semicolons as in many countries' spreadsheets, and most can be missing."""
    (ada,) = read_people(written(tmp_path, "lead;agent\nno;support:7\n"), NAMED).persons
    assert ada == Person("support:7", "support:7", ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1: agent must be a column."]),
        (
            "name,agnet,name\n",
            [
                "line 1: the column name stands there twice.",
                f"line 1: the column 'agnet' is unknown; known are {', '.join(COLUMNS)}.",
                "line 1: agent must be a column.",
            ],
        ),
        (
            "agent,channel,zone,languages,lead\nsupport:7,bob,Berlin,english,maybe\n",
            [
                "line 2, column channel: there is no notification named 'bob'; there is: ada, eu-team.",
                "line 2, column zone: 'Berlin' is no time zone's IANA name, such as Europe/Berlin.",
                "line 2, column languages: 'english' is no language, such as en or pt-BR.",
                "line 2, column lead: 'maybe' is neither yes nor no.",
            ],
        ),
        (
            "agent,role,brands\nsupport:1,boss,help:EU\nsupport:2,lead,support:|desk|\n",
            [
                "line 2, column role: 'boss' is no role; there is: agent, lead, admin.",
                "line 2, column brands: 'help:EU' is neither a helpdesk nor HELPDESK:BRAND; there is: support, desk.",
                "line 3, column brands: 'support:' is neither a helpdesk nor HELPDESK:BRAND; there is: support, desk.",
                "line 3, column brands: '' is neither a helpdesk nor HELPDESK:BRAND; there is: support, desk.",
            ],
        ),
        (
            "agent,name\nAda,\nhelp:7,Ada\na@x.example,\nA@X.example,\n,Nobody\n",
            [
                "line 2, column agent: 'Ada' is neither HELPDESK:ID nor an e-mail address.",
                "line 3, column agent: there is no helpdesk named help; there is: support, desk.",
                "line 5, column agent: 'A@X.example' stands in the file twice.",
                "line 6, column agent: '' is neither HELPDESK:ID nor an e-mail address.",
            ],
        ),
        (
            "agent,away_from,away_to\nsupport:1,12 June,\nsupport:2,,2026-06-12\nsupport:3,2026-06-12,2026-06-11\n",
            [
                "line 2, column away_from: '12 June' is no date, such as 2026-06-12.",
                "line 3, column away_to: away_from is missing.",
                "line 4, column away_to: is before away_from.",
            ],
        ),
        (
            "agent,name,deputy\nsupport:1,Ada,Ada\nsupport:2,Ben,Cem\nsupport:3,Ben,\nsupport:4,Dan,ben\n",
            [
                "line 2, column deputy: 'Ada' is nobody else of this file.",
                "line 3, column deputy: 'Cem' is nobody else of this file.",
                "line 5, column deputy: 'ben' is several others: write one's agent.",
            ],
        ),
        (
            "agent,name\nsupport:1,Ada, Agent\nsupport:2,\x1b[31mred\nsupport:3\nsupport:4," + "x" * 201 + "\n",
            [
                "line 2: has 3 cells, and line 1 has 2; is a comma missing its quotes?",
                "line 3: holds a sign that can't be printed.",
                "line 4: has 1 cells, and line 1 has 2; is a comma missing its quotes?",
                "line 5: holds more than 200 characters in one cell.",
            ],
        ),
    ],
)
def test_every_mistake_is_named_by_line(tmp_path: Path, text: str, said: list[str]) -> None:
    """All at once, so that a file is corrected in one go; what could steer a terminal is never repeated."""
    assert problems(tmp_path, text) == [f"people.csv {problem}" for problem in said]


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    """Nobody reads a thousand lines."""
    said = problems(tmp_path, "agent\n" + "Ada\n" * 80)
    assert (len(said), said[-1]) == (51, "people.csv and 30 more.")


def test_a_file_that_cant_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Missing, in another encoding, or no CSV."""
    (tmp_path / "latin.csv").write_bytes("agent,name\nsupport:1,Jürgen\n".encode("latin-1"))
    (tmp_path / "broken.csv").write_text('agent,name\n"a"b,Ada\n', encoding="utf-8")
    for name, words in (("none.csv", "can't be read"), ("latin.csv", "isn't UTF-8"), ("broken.csv", "isn't CSV")):
        with pytest.raises(ConfigError, match=words):
            read_people(tmp_path / name, NAMED)
