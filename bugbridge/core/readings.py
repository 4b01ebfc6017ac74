"""What one reading of a message finds, so that its text can be dropped."""

import re
from dataclasses import dataclass

from bugbridge.core.bug_lines import Verb, read_bug_lines, without_bug_lines
from bugbridge.core.links import mention_how
from bugbridge.core.model import AuthorKind, FindingKind, LinkHow
from bugbridge.core.prose import without_quotes
from bugbridge.core.references import ReferenceRules, find_issue_references
from bugbridge.core.snapshots import RemoteMessage

EXTRACTOR = "text"
# To be raised when a reading finds more or other things than before.
EXTRACTOR_VERSION = 1
# The same for promises. What a later version finds in a reply stands for what an earlier one found there.
PROMISE_EXTRACTOR = "promises"
PROMISE_VERSION = 1
# A dotted number, or a bare one that is called a version; 4.2 is not named by 4.2.1, 14.2, 4.2 % or $4.2.
VERSION = re.compile(
    r"(?<![\w.$€£-])(?:v(?=\d))?(?P<dotted>\d{1,9}(?:\.\d{1,9}){1,4})(?![\w%]|\s%|[-.+]\w)"
    r"|(?<!\w)(?:v|version |release )(?P<bare>\d{1,9})(?![\w%]|[-.+]\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reference with how it counts (`how`), or (`how` empty) a version or issue that a public reply told of."""

    kind: FindingKind
    value: str
    how: str = ""


def read_message(message: RemoteMessage, rules: ReferenceRules) -> tuple[Reading, ...]:
    """Read one message; ours are never read for anything."""
    if message.author.kind is AuthorKind.SELF:
        return ()
    how = mention_how(message.author.kind, public=message.public)
    if how is LinkHow.NOTE:
        return _read_note(message.body, rules)
    named = find_issue_references(message.body, rules)
    found = [Reading(FindingKind.REFERENCE, reference, how) for reference in named]
    if message.public and message.author.kind is AuthorKind.AGENT:
        found += [Reading(FindingKind.TOLD, value) for value in (*find_versions(message.body), *named)]
    return tuple(found)


def _read_note(body: str, rules: ReferenceRules) -> tuple[Reading, ...]:
    """A line that only names an issue is an agent's word for a link; what other lines name is no mention."""
    by_line = [line.issue for line in read_bug_lines(body, rules) if line.verb is Verb.LINK]
    named = [one for one in find_issue_references(without_bug_lines(body), rules) if one not in by_line]
    found = [(reference, LinkHow.LINE) for reference in dict.fromkeys(by_line)]
    found += [(reference, LinkHow.NOTE) for reference in named]
    return tuple(Reading(FindingKind.REFERENCE, reference, how) for reference, how in found)


def find_versions(text: str) -> tuple[str, ...]:
    """Give the versions that a reply names outside quoted text, without a leading v, each once."""
    matches = VERSION.finditer(without_quotes(text))
    return tuple(dict.fromkeys(match["dotted"] or match["bare"] for match in matches))


def plain_version(name: str) -> str:
    """Give a release's name as `find_versions` would: without a leading v."""
    return re.sub(r"^v(?=\d)", "", name.strip(), flags=re.IGNORECASE)
