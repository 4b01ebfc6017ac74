"""Whatever words are accepted, no draft names an issue or leads to a tracker."""

import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bugbridge.core.bug_words import problem_of_words, problem_of_workaround
from bugbridge.core.records import Note
from bugbridge.core.references import HelpdeskPattern, ReferenceRules, TrackerPattern, find_issue_references
from bugbridge.render.drafts import TemplateRenderer
from bugbridge.settings import shipped_folder

RULES = ReferenceRules(
    trackers=(
        TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app"})),
        TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"APP"})),
    ),
    helpdesks=(HelpdeskPattern("support", "https://acme.zendesk.com", r"/agent/tickets/(?P<number>[0-9]+)"),),
)
PIECES = [
    "acme/app#12", "acme/app", "#12", "APP-12", "APP", "-12", "github:", "jira:OPS", "https://", "github.com", "GitHub",
    ".com", "acme.atlassian.net", "/browse/", "acme.zendesk.com", "/hc/", "/agent/tickets/4711", "www.", "Export", " ",
    "\n", "\t", "`", "```", "> ", "<b>", "<pre>", "</pre>", "\x1b[31m", "\x1b]0;", "\x07", "\u200b", "\u200d", "\u202e",
    "\u00ad", "\uff41", "\uff0e", "\u3002", "%2e", "%23", "{{ words }}", "{% if %}", "{#", "On 3 March Ann wrote:", ".",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=60))
INTERNAL_HOST = re.compile(r"\b(github\.com|acme\.atlassian\.net|acme\.zendesk\.com(?!/hc))\b", re.IGNORECASE)
DRAFTS = ("workaround", "released", "declined", "reopened", "in_progress", "fixed", "periodic", "promised")
AT = datetime(2026, 6, 1, tzinfo=UTC)


class StoppedClock:
    """Always the same instant."""

    def now(self) -> datetime:
        return AT


RENDERER = TemplateRenderer([shipped_folder() / "templates"], "UTC", StoppedClock())


@settings(max_examples=300, deadline=None)
@given(words=TEXTS, workaround=TEXTS)
def test_no_accepted_words_bring_an_issue_or_a_tracker_into_a_draft(words: str, workaround: str) -> None:
    """What is refused isn't kept: then the draft does without."""
    kept = {
        "words": "" if problem_of_words(words, RULES) else words,
        "workaround": "" if problem_of_workaround(workaround, RULES) else workaround,
    }
    dated = {"wrote_at": AT, "since": AT, "next_at": AT, "told_at": AT, "due_at": AT, "version": "", "told_version": ""}
    for name in DRAFTS:
        draft = RENDERER.text(Note(name, {**dated, **kept}), "en")
        assert find_issue_references(draft, RULES) == ()
        assert not INTERNAL_HOST.search(draft)
