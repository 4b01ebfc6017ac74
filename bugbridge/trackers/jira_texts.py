"""Jira's comments as plain text: version 3 of its API hands out documents, version 2 text."""

from bugbridge.trackers.client import Json, as_object, as_objects

OUR_LAST_LINE = "Ref BB-"
# Kinds of node that stand on lines of their own.
BLOCKS = frozenset({"paragraph", "heading", "codeBlock", "tableRow", "rule", "mediaSingle", "blockCard"})
# Where a node without text keeps what is shown of it.
SHOWN = ("text", "shortName", "url")


def last_line(marker: str) -> str:
    """Write the last line by which a comment of our own is found again."""
    return f"{OUR_LAST_LINE}{marker}"


def is_our_own(text: str) -> bool:
    """Tell whether a comment ends as ours do."""
    return text.rstrip().rpartition("\n")[2].startswith(OUR_LAST_LINE)


def comment_text(body: object) -> str:
    """Give a comment's text, of a document its blocks' own, each on a line.

    Raises TypeError, ValueError or AttributeError where the JSON isn't Jira's. Source of the format:
    https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/.
    """
    if isinstance(body, str):
        return body
    parts: list[str] = []
    waiting = [as_object(body)]
    while waiting:  # documents may lie deeper than calls may
        node = waiting.pop()
        kind = node.get("type")
        parts.append("\n" if kind in BLOCKS or kind == "hardBreak" else _own_text(node))
        waiting += reversed(as_objects(node.get("content") or []))
    return "".join(parts).strip()


def _own_text(node: Json) -> str:
    if isinstance(text := node.get("text"), str):
        return text
    details = node.get("attrs")
    if not isinstance(details, dict):
        return ""
    return next((str(details[name]) for name in SHOWN if details.get(name)), "")
