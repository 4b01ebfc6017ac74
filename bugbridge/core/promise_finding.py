"""The one place where a checked reply is read for promises; nothing reads them yet, so none is found."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.promises import SaidPromise
from bugbridge.core.wording_model import Wording


def find_promises(
    text: str,  # noqa: ARG001 - the signature of what will read them
    said_at: datetime,  # noqa: ARG001
    calendar: WorkCalendar,  # noqa: ARG001
    language: str,  # noqa: ARG001
    wordings: Mapping[str, Wording],  # noqa: ARG001
) -> Sequence[SaidPromise]:
    """Give the promises of a reply in a language, said at an instant by somebody who keeps these hours."""
    return ()
