"""The team's own list of accounts: read as written, all its mistakes at once."""

from pathlib import Path

import pytest

from bugbridge.accounts import read_accounts
from bugbridge.core.accounts import Belonging
from bugbridge.core.errors import ConfigError


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """Keep a list."""
    path = folder / "accounts.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_rows_are_found_by_address_domain_or_organization(tmp_path: Path) -> None:
    """Whatever case people write in, in any order of columns, with Excel's mark at the beginning."""
    text = (
        "tier,domain,address,organization,account\nvip,,Carla@Acme.Example,,\npro,@ACME.example,,,Acme\n,,,Ünion,U\n\n"
    )
    listed = read_accounts(written(tmp_path, text, "utf-8-sig"))
    assert listed.addresses == {"carla@acme.example": Belonging("", "vip")}
    assert listed.domains == {"acme.example": Belonging("Acme", "pro")}
    assert listed.organizations == {"ünion": Belonging("U", "")}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["line 1: at least one of address, domain, organization, and one of account, tier, must be a column."]),
        (
            "domain,tire\n",
            [
                "line 1: the column 'tire' is unknown; known are address, domain, organization, account, tier.",
                "line 1: at least one of address, domain, organization, and one of account, tier, must be a column.",
            ],
        ),
        ("domain,domain,tier\n", ["line 1: the column domain stands there twice."] * 2),
        (
            "domain,address,tier\na.example,b@a.example,pro\nb.example,,\na.example,,pro\na.example,,pro\n",
            [
                "line 2: a row names either an address, a domain or an organization.",
                "line 3: neither account nor tier is given.",
                "line 5, column domain: 'a.example' stands in the file twice.",
            ],
        ),
    ],
)
def test_every_mistake_is_named_by_line(tmp_path: Path, text: str, problems: list[str]) -> None:
    """All at once, so that a file is corrected in one go."""
    with pytest.raises(ConfigError) as caught:
        read_accounts(written(tmp_path, text))
    assert list(caught.value.problems) == [f"accounts.csv {problem}" for problem in problems]


def test_a_file_that_cant_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Missing, in another encoding, or no CSV."""
    (tmp_path / "latin.csv").write_bytes("domain,tier\nü.example,pro\n".encode("latin-1"))
    (tmp_path / "broken.csv").write_text('domain,tier\n"a"b,pro\n', encoding="utf-8")
    for name, words in (("none.csv", "can't be read"), ("latin.csv", "isn't UTF-8"), ("broken.csv", "isn't CSV")):
        with pytest.raises(ConfigError, match=words):
            read_accounts(tmp_path / name)


def test_a_row_of_another_length_is_refused(tmp_path: Path) -> None:
    """A comma without quotes would move the tier into another column."""
    with pytest.raises(ConfigError) as caught:
        read_accounts(
            written(tmp_path, "domain,account,tier\na.example,Acme, Inc,gold\nb.example,B\nc.example,C,\x1bred\n")
        )
    assert list(caught.value.problems) == [
        "accounts.csv line 2: has 4 cells, and line 1 has 3; is a comma missing its quotes?",
        "accounts.csv line 3: has 2 cells, and line 1 has 3; is a comma missing its quotes?",
        "accounts.csv line 4: holds a sign that can't be printed.",
    ]


def test_semicolons_part_cells_too(tmp_path: Path) -> None:
    """As spreadsheets write them in many countries."""
    assert read_accounts(written(tmp_path, "domain;tier\na.example;pro\n")).domains == {
        "a.example": Belonging("", "pro")
    }


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    """Nobody reads a thousand lines."""
    with pytest.raises(ConfigError) as caught:
        read_accounts(written(tmp_path, "domain,tier\n" + "a.example,\n" * 80))
    assert (len(caught.value.problems), caught.value.problems[-1]) == (51, "accounts.csv and 30 more.")
