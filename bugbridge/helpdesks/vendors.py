"""What every vendor's adapter needs: answers of a known shape, doctor's lines, and the line that carries a marker."""

import html
from collections.abc import Callable
from datetime import UTC
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ValidationError

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import Check

Model = TypeVar("Model", bound=BaseModel)
# A text that may be null, and an instant in any zone.
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Instant = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]


def shaped(model: type[Model], document: object, helpdesk: str, path: str) -> Model:
    """Check an answer's shape. Raises RemoteError that names the first wrong place, never what stood there."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        sentence = f"{helpdesk} answered {path} in a shape unknown to us, at {place or 'its root'}."
        raise RemoteError(sentence) from None


def tried(check: str, attempt: Callable[[], object], praise: str) -> Check:
    """Make a line of a harmless read that fails where something is wrong."""

    def problem() -> str:
        attempt()
        return ""

    return judged(check, problem, praise)


def judged(check: str, problem: Callable[[], str], praise: str) -> Check:
    """Make a line of what finds a problem, "" for none, or fails itself."""
    try:
        sentence = problem()
    except RemoteError as error:
        sentence = str(error)
    return Check(check, well=not sentence, sentence=sentence or praise)


def marker_line(marker: str) -> str:
    """Give the last line of a message by which it is found again."""
    return f"Ref {marker}"


def as_html(body: str, marker: str) -> str:
    """Write plain text as HTML that shows it as it is, with the marker's line at its end."""
    lines = [*body.rstrip().splitlines(), "", marker_line(marker)]
    return "<br>".join(html.escape(line) for line in lines)
