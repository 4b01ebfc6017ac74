"""Which issues and tickets people name, and which only look as if they did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import UsageError
from bugbridge.core.references import (
    HelpdeskPattern,
    ReferenceRules,
    TrackerPattern,
    find_issue_references,
    parse_issue_reference,
    parse_ticket_reference,
)
from bugbridge.helpdesks.request_tracker_settings import RequestTrackerSettings
from bugbridge.helpdesks.zendesk_settings import ZendeskSettings

GITHUB = TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app", "Acme/Web.Site"}))
JIRA = TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"SHOP", "OPS_2"}))
ON_PREMISES = TrackerPattern("old", "jira", "https://jira.example/jira/", frozenset({"OLD", "SHARED"}))
SUPPORT = HelpdeskPattern("support", "https://acme.zendesk.com", ZendeskSettings.ticket_path)
DESK = HelpdeskPattern("desk", "https://rt.example/rt", RequestTrackerSettings.ticket_path)
RULES = ReferenceRules((GITHUB, JIRA, ON_PREMISES), (SUPPORT,))
TWO_HELPDESKS = ReferenceRules((GITHUB,), (SUPPORT, DESK))

ISSUE_URL = "https://github.com/acme/app/issues/12"
TICKET_ADVICE = "write for example support:4711, or paste a URL of support (https://acme.zendesk.com) or desk (https://rt.example/rt)."
REFERENCES = ["SHOP-12", "acme/app#12", ISSUE_URL, "jira:", "github:", "https://"]
MARKS = [
    " ",
    "\n",
    "\n\n",
    "`",
    "```",
    "> ",
    "    ",
    "<pre>",
    "</pre>",
    "<blockquote>",
    "(",
    ")",
    ".",
    ",",
    "/",
    "-",
    "x",
]
MAIL = ["On 3 March Ann wrote:", "-----Original Message-----"]
LIKELY_TEXT = st.lists(st.sampled_from([*REFERENCES, *MARKS, *MAIL])).map("".join)
ALMOST_REFERENCES = [
    "SHOP-",
    "SHOP-1-",
    "A",
    "1",
    "-",
    "acme/app",
    "a/",
    "jira:",
    "http",
    "https://",
    "4.",
    "v",
    "?id=",
]
ALMOST_REFERENCES += ["/browse/", "https://acme.atlassian.net/browse/", "selectedIssue="]
ALMOST_MARKS = ["`", "` `` ", "```\n", "<pre ", "<pre>", "> ", "\n \n", "On 1\n", "On 1 wrote:\n>\n", "From:\nSent:\n"]
TEXTS = st.one_of(st.text(), LIKELY_TEXT)


def found(text: str) -> tuple[str, ...]:
    """What the rules of this file find."""
    return find_issue_references(text, RULES)


@pytest.mark.parametrize(
    "text",
    [
        ISSUE_URL,
        "HTTP://www.GitHub.com/ACME/App/issues/12",
        f"See {ISSUE_URL}.",
        f"<{ISSUE_URL}>",
        f"[the issue]({ISSUE_URL})!",
        f"[{ISSUE_URL}]({ISSUE_URL})",
        f"[https://other.example/x]({ISSUE_URL})",
        f"{ISSUE_URL}#issuecomment-99",
        f"{ISSUE_URL}?notification=1&x=SHOP-3",
        "https://github.com/acme/app/pull/12/files#diff-1",
        f'<a href="{ISSUE_URL}">this</a>',
        f"<a href='{ISSUE_URL}'>this</a>",
        "acme/app#12",
        "ACME/App#12:",
        "(acme/app#12)",
        "github:acme/app#12",
        "GitHub:acme/app#12",
    ],
)
def test_an_issue_is_recognised_however_people_write_it(text: str) -> None:
    """Full URLs with whatever trails or surrounds them, a pull request's too, and the short form in any case."""
    assert found(text) == ("github:acme/app#12",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SHOP-12", "jira:SHOP-12"),
        ("Bug:SHOP-12.", "jira:SHOP-12"),
        ("OPS_2-7", "jira:OPS_2-7"),
        ("https://acme.atlassian.net/browse/SHOP-12?focusedCommentId=3", "jira:SHOP-12"),
        ("https://acme.atlassian.net/browse/shop-12", "jira:SHOP-12"),
        ("https://acme.atlassian.net/jira/software/projects/SHOP/boards/1?selectedIssue=SHOP-12", "jira:SHOP-12"),
        ("https://acme.atlassian.net/projects/SHOP/issues/SHOP-12", "jira:SHOP-12"),
        ("https://jira.example/jira/browse/OLD-3", "old:OLD-3"),
        ("acme/web.site#4", "github:Acme/Web.Site#4"),
        ("https://github.com/acme/WEB.site/issues/4", "github:Acme/Web.Site#4"),
        ("https://github.com/Other/Repo/issues/5", "github:other/repo#5"),
        ("https://acme.atlassian.net/browse/NEW-5", "jira:NEW-5"),
        ("https://other.example/x,SHOP-1", None),
        ('<a href="https://other.example/x">SHOP-12</a>', "jira:SHOP-12"),
    ],
)
def test_a_reference_has_one_canonical_form(text: str, expected: str | None) -> None:
    """The configuration's spelling; a full URL on a configured host names an issue of any project."""
    assert found(text) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    "text",
    [
        "SHA-256 and UTF-8, ABC-1, ISO-8601",
        "shop-12",
        "MYSHOP-123",
        "X-SHOP-12",
        "SHOP-12a",
        "SHOP-12-hotfix",
        "SHOP-012",
        "SHOP-12.5",
        "SHOP-12@example.com",
        "x/acme/app#12",
        "acme/app #12",
        "other/app#12",
        "#12",
        "github:SHOP-12",
        "https://other.example/browse/SHOP-12",
        "other.example/browse/SHOP-12",
        "https://other.example/acme/app#12",
        "https://github.com@other.example/acme/app/issues/12",
        "https://github.com.other.example/acme/app/issues/12",
        f"https://other.example/?to={ISSUE_URL}",
        "https://jira.example/browse/OLD-3",
        "https://github.com/acme/app/issues/new",
    ],
)
def test_what_only_looks_like_a_reference_is_none(text: str) -> None:
    """Standards, unconfigured projects, parts of longer names and addresses, other hosts."""
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "```\n``` not closed\nSHOP-12\n```",
        "~~~ log\nSHOP-12\n```\nacme/app#12\n~~~~",
        "```\nSHOP-12",
        "before\n\n    SHOP-12\n\tacme/app#12",
        "see `SHOP-12` and ``a ` acme/app#12``",
        "`two\nlines SHOP-12`",
        "<pre>SHOP-12<code></pre>acme/app#12</code>",
    ],
)
def test_code_names_nothing(text: str) -> None:
    """Fenced, indented, inline or HTML code quotes a program, not a bug."""
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "> SHOP-12",
        "  >> acme/app#12",
        "On 3 March 2026 at 10:00, Ann wrote:\n> SHOP-12",
        "On Tue, 3 March 2026, Ann Example\n<ann@example.com> wrote:\n\nSHOP-12\nacme/app#12",
        "Hello\n-----Original Message-----\nFrom: Ann\nSHOP-12",
        "Hello\n*Von:* Ann\n*Gesendet:* 3. März\n*An:* Ben\n*Betreff:* SHOP-12\n\nacme/app#12",
        "<blockquote type='cite'>x <blockquote>SHOP-12</blockquote> acme/app#12</blockquote>",
    ],
)
def test_quoted_text_names_nothing(text: str) -> None:
    """What another person wrote is quoted, not said."""
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "> quoted\nSHOP-12",
        "On 3 March 2026, Ann wrote:\n> SHOP-1\n\nSHOP-12",
        "On reflection it is as Ann wrote:\nSHOP-12",
        "```\nSHOP-1\n```\nSHOP-12",
        "```one line``` SHOP-12 ```another```",
        "a ` lonely backtick\n\nSHOP-12 and `another",
        "a list\n    SHOP-12",
        "an unclosed <pre> SHOP-12",
        "an unopened </code> SHOP-12",
    ],
)
def test_what_stands_beside_quotes_and_code_counts(text: str) -> None:
    """An answer below a quote, or text after code, is the author's own."""
    assert found(text) == ("jira:SHOP-12",)


def test_several_references_keep_their_order_and_come_once() -> None:
    """One message may name several issues, in any of the forms."""
    text = f"SHOP-2, acme/app#12 and {ISSUE_URL},https://github.com/acme/app/issues/13; SHOP-2 SHOP-1"
    assert found(text) == ("jira:SHOP-2", "github:acme/app#12", "github:acme/app#13", "jira:SHOP-1")


def test_a_project_of_two_trackers_is_not_guessed_in_a_message() -> None:
    """The short form is ambiguous there; with the tracker's name, or as a URL, it isn't."""
    second = TrackerPattern("second", "jira", "https://second.example", frozenset({"SHOP"}))
    rules = ReferenceRules((JIRA, second), ())
    text = "SHOP-1 second:SHOP-2 https://second.example/browse/SHOP-3"
    assert find_issue_references(text, rules) == ("second:SHOP-2", "second:SHOP-3")


def test_of_two_trackers_on_one_host_the_one_with_the_project_is_meant() -> None:
    """A team may reach one host by two tokens."""
    second = TrackerPattern("second", "github", "https://github.com", frozenset({"other/repo"}))
    rules = ReferenceRules((GITHUB, second), ())
    text = f"https://github.com/other/repo/issues/1 {ISSUE_URL}"
    assert find_issue_references(text, rules) == ("second:other/repo#1", "github:acme/app#12")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("github:acme/app#12", "github:acme/app#12"),
        (" acme/app#12\n", "github:acme/app#12"),
        ("SHOP-12", "jira:SHOP-12"),
        ("shop-12", "jira:SHOP-12"),
        ("jira:NEW-12", "jira:NEW-12"),
        (f"<{ISSUE_URL}#issuecomment-1>", "github:acme/app#12"),
    ],
)
def test_a_person_may_type_or_paste_an_issue_in_any_form(typed: str, expected: str) -> None:
    """The canonical form, the short one in any case, or a URL."""
    assert parse_issue_reference(typed, RULES) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("support:4711", "support:4711"),
        ("4711", "support:4711"),
        ("#4711", "support:4711"),
        ("https://acme.zendesk.com/agent/tickets/4711", "support:4711"),
        ("https://acme.zendesk.com/hc/en-us/requests/4711?x=1", "support:4711"),
    ],
)
def test_a_person_may_type_or_paste_a_ticket_in_any_form(typed: str, expected: str) -> None:
    """A bare number is enough where one helpdesk is configured."""
    assert parse_ticket_reference(typed, RULES) == expected


def test_a_request_tracker_url_names_its_ticket() -> None:
    """The id stands in the query, with other parameters or without."""
    urls = [
        f"https://rt.example/rt/Ticket/{page}" for page in ("Display.html?id=4711", "History.html?x=1;id=4711#txn-5")
    ]
    assert [parse_ticket_reference(url, TWO_HELPDESKS) for url in urls] == ["desk:4711", "desk:4711"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4711", "'4711' could be a ticket of several helpdesks: write support:4711 or desk:4711."),
        (
            "sales:1",
            f"'sales:1' names no ticket that can be reached: {TICKET_ADVICE}",
        ),
        (
            "https://rt.other/Ticket/Display.html?id=1",
            f"'https://rt.other/Ticket/Display.html?id=1' names no ticket that can be reached: {TICKET_ADVICE}",
        ),
    ],
)
def test_a_ticket_that_cannot_be_told_is_answered_with_what_to_write(typed: str, sentence: str) -> None:
    """One sentence: what was typed, what is wrong with it, and an example."""
    with pytest.raises(UsageError) as caught:
        parse_ticket_reference(typed, TWO_HELPDESKS)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "typed", ["", "ABC-1", "other/app#1", "acme/app", "SHOP-12 and more", "x" * 10_000, "\x1b[31m"]
)
def test_an_issue_that_cannot_be_told_is_answered_with_what_to_write(typed: str) -> None:
    """The sentence shows a short, harmless form of what was typed, then examples and the configured addresses."""
    with pytest.raises(UsageError) as caught:
        parse_issue_reference(typed, RULES)
    shown, _, advice = str(caught.value).partition(" names no issue that can be reached: ")
    assert len(shown) <= 90
    assert "\x1b" not in shown
    assert advice == (
        "write for example github:Acme/Web.Site#12 or jira:OPS_2-12 or old:OLD-12, or paste a URL of "
        "github (https://github.com) or jira (https://acme.atlassian.net) or old (https://jira.example/jira/)."
    )


def test_an_ambiguous_issue_is_answered_with_the_choices() -> None:
    """Nothing is guessed where two trackers have the project."""
    rules = ReferenceRules((JIRA, TrackerPattern("second", "jira", "https://second.example", frozenset({"SHOP"}))), ())
    with pytest.raises(UsageError, match=r"'SHOP-1' could be jira:SHOP-1 or second:SHOP-1: write one of them\."):
        parse_issue_reference("SHOP-1", rules)


def test_without_a_configuration_nothing_is_found_and_the_sentence_says_so() -> None:
    """There is no example to give then."""
    nothing = ReferenceRules((), ())
    assert find_issue_references(f"SHOP-12 acme/app#12 {ISSUE_URL}", nothing) == ()
    with pytest.raises(UsageError, match="no tracker is configured"):
        parse_issue_reference("SHOP-1", nothing)
    with pytest.raises(UsageError, match="no helpdesk is configured"):
        parse_ticket_reference("1", nothing)


@pytest.mark.parametrize("piece", [*ALMOST_REFERENCES, *ALMOST_MARKS])
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """200 kB of what nearly matches hide nothing in front of them, and are read in linear time."""
    hostile = piece * (200_000 // len(piece))
    assert found(f"SHOP-12\n\n{hostile}")[:1] == ("jira:SHOP-12",)


@given(TEXTS)
def test_any_text_gives_references_that_are_found_again_as_they_are(text: str) -> None:
    """Nothing raises; canonical forms are stable, in order, without repeats, and may be typed back."""
    references = found(text)
    assert found(" ".join(references)) == references
    assert tuple(parse_issue_reference(reference, RULES) for reference in references) == references


@given(TEXTS, TEXTS)
def test_a_later_paragraph_never_changes_what_an_earlier_one_named(first: str, second: str) -> None:
    """Order is preserved: what was found before stays in front."""
    opening = f"SHOP-77 {ISSUE_URL}7"
    assert found(f"{opening}\n\n{first}\n\n{second}")[:2] == ("jira:SHOP-77", "github:acme/app#127")


@given(TEXTS)
def test_what_a_person_types_is_a_reference_or_one_sentence(typed: str) -> None:
    """Nothing else is ever raised, and a sentence is one line."""
    for parse in (parse_issue_reference, parse_ticket_reference):
        try:
            outcome = parse(typed, RULES)
        except UsageError as error:
            outcome = str(error)
        assert len(outcome.splitlines()) == 1
