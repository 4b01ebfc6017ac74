"""What one reading of a message finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import AuthorKind, FindingKind, LinkHow
from bugbridge.core.readings import Reading, find_versions, plain_version, read_message
from bugbridge.core.references import ReferenceRules, TrackerPattern
from bugbridge.core.snapshots import RemoteMessage, RemotePerson
from tests.core.builders import day

RULES = ReferenceRules(
    (
        TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app"})),
        TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"APP"})),
    ),
    (),
)
ISSUE = "github:acme/app#12"
PIECES = [
    "<b>",
    "</pre>",
    "<blockquote>",
    "`",
    "```\n",
    "> ",
    "On 3 March, Ann wrote:\n",
    "\x00",
    "\u202e",
    "\x1b[2J",
    "v4.2",
]
PIECES += [
    "4.",
    "\ud800",
    "https://github.com/acme/app/issues/",
    "12",
    "APP-",
    "acme/app#",
    "\r",
    "\n\n",
    "    ",
    "٤.٢",
]


def written(body: str, author: AuthorKind = AuthorKind.AGENT, *, public: bool = True) -> RemoteMessage:
    """A message of these words."""
    return RemoteMessage("1", RemotePerson("9", author), public, day(0), body)


def readings(body: str, author: AuthorKind = AuthorKind.AGENT, *, public: bool = True) -> tuple[Reading, ...]:
    """What is read in these words."""
    return read_message(written(body, author, public=public), RULES)


def test_a_note_names_an_issue_and_tells_nobody() -> None:
    """An internal note is read for references alone, and versions in it were told to no customer."""
    found = readings("Same as acme/app#12, out in 4.2.", public=False)
    assert found == (Reading(FindingKind.REFERENCE, ISSUE, LinkHow.NOTE),)


def test_a_public_reply_tells_of_the_versions_and_issues_that_it_names() -> None:
    """Those are what makes a telling certain."""
    found = readings("acme/app#12 is fixed in v4.2.")
    told = [Reading(FindingKind.TOLD, "4.2"), Reading(FindingKind.TOLD, ISSUE)]
    assert found == (Reading(FindingKind.REFERENCE, ISSUE, LinkHow.PUBLIC_REPLY), *told)


@pytest.mark.parametrize("author", [AuthorKind.CUSTOMER, AuthorKind.BOT])
def test_customers_and_bots_tell_nothing(author: AuthorKind) -> None:
    """A customer who names the version has not been told it by us."""
    assert [reading.kind for reading in readings("acme/app#12 in 4.2?", author)] == [FindingKind.REFERENCE]


def test_our_own_messages_are_never_read_for_anything() -> None:
    """Else a reminder's draft would count as a telling, or a link."""
    assert readings("acme/app#12 is released in 4.2", AuthorKind.SELF, public=False) == ()


@pytest.mark.parametrize(
    ("body", "versions"),
    [
        ("It is in 4.2.", ("4.2",)),
        ("It is in v4.2, and in V5.0.1!", ("4.2", "5.0.1")),
        ("4.2 and again 4.2", ("4.2",)),
        ("Version 42 has it, release 43 too", ("42", "43")),
        ("We have 42 tickets", ()),
        ("It costs $4.2 or 4.2 % of 4.2%", ()),
        ("4.2-rc1, 4.2+build and 14.2.x are others", ()),
        ("> it was 4.2\nNo, in 4.3", ("4.3",)),
        ("On 3 March 2026, Ann wrote:\n> 4.2", ()),
    ],
)
def test_a_version_is_a_dotted_number_or_one_called_a_version_outside_quotes(
    body: str, versions: tuple[str, ...]
) -> None:
    """Prices, shares, counts, pre-releases and quoted text name no version."""
    assert find_versions(body) == versions


def test_another_version_that_contains_this_one_is_another_version() -> None:
    """4.2.1 and 14.2 don't name 4.2."""
    assert find_versions("4.2.1 and 14.2") == ("4.2.1", "14.2")


@pytest.mark.parametrize("name", ["4.2", "v4.2", "V4.2", " v4.2 "])
def test_a_releases_name_is_compared_without_its_leading_v(name: str) -> None:
    """Trackers write v4.2 where agents write 4.2."""
    assert (plain_version(name),) == find_versions("out in 4.2")


def test_a_name_that_only_begins_with_a_v_keeps_it() -> None:
    """Vienna is not a number."""
    assert plain_version("vienna") == "vienna"


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=20), st.sampled_from(AuthorKind), st.booleans()
)
def test_no_message_whatever_it_holds_stops_the_reading(pieces: list[str], author: AuthorKind, public: bool) -> None:  # noqa: FBT001 (drawn)
    """HTML, control characters, half surrogates and unclosed quotes are just text."""
    found = readings("".join(pieces), author, public=public)
    assert all(reading.value and "\n" not in reading.value for reading in found)


@pytest.mark.parametrize("piece", PIECES)
def test_a_message_of_200_kilobytes_is_read_as_any_other(piece: str) -> None:
    """However often a piece is repeated, what comes before it is still found."""
    body = "Same as acme/app#12\n\n" + piece * (200_000 // len(piece))
    assert Reading(FindingKind.REFERENCE, ISSUE, LinkHow.NOTE) in readings(body, public=False)
