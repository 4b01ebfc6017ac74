"""What a page asks of its visitors, and of the forms that they send."""

from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import Actor, AuthorKind
from bugbridge.entry.web.answers import read_body
from bugbridge.entry.web.doorkeeping import CSRF_FIELD, CSRF_HEADER
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.limits import FIELDS_LIMIT, FORM_LIMIT
from bugbridge.entry.web.refusals import Refused, Unknown
from bugbridge.entry.web.statuses import FORBIDDEN, MALFORMED, TOO_LARGE

TOO_LARGE_A_FORM = f"A form has at most {FORM_LIMIT:,} bytes and {FIELDS_LIMIT:,} fields."

Form = Mapping[str, str]


def actor_of(visitor: Visitor) -> Actor:
    """Give who does what a visitor asks for, as it is kept with what they did."""
    return Actor(AuthorKind.AGENT, visitor.key, "web")


def _at_least(role: Role) -> Callable[[Request, WebHere], Visitor]:
    def visitor(request: Request, web: WebHere) -> Visitor:
        found = web.doorkeeper.visitor(request)
        if found is None:
            raise Unknown
        if not found.may(role):
            raise Refused(FORBIDDEN, f"This is for {role.one}; your role is {found.role.word}.")
        return found

    return visitor


Agent = Annotated[Visitor, Depends(_at_least(Role.AGENT))]
Lead = Annotated[Visitor, Depends(_at_least(Role.LEAD))]
Admin = Annotated[Visitor, Depends(_at_least(Role.ADMIN))]


async def read_form(request: Request) -> Form:
    """Read a form, each field's last value. Raises Refused for one that isn't one."""
    body = await read_body(request, FORM_LIMIT)
    if isinstance(body, int):
        raise Refused(body, TOO_LARGE_A_FORM if body == TOO_LARGE else "The form broke off: send it again.")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT))
    except ValueError:
        raise Refused(MALFORMED, "The form can't be read: reload the page and try again.") from None


GivenForm = Annotated[Form, Depends(read_form)]
"""The fields of a form that another site may have sent: nothing is believed of them that isn't proved."""


def _own_form(request: Request, web: WebHere, content: GivenForm) -> Form:
    """Give the fields of a form that this visitor was given by us. Raises Refused for any other."""
    visitor = web.doorkeeper.visitor(request)
    if visitor is None:
        raise Unknown
    try:
        web.doorkeeper.check_form(visitor, request.headers.get(CSRF_HEADER) or content.get(CSRF_FIELD, ""))
    except Refused:
        request.state.unproved = content
        raise
    return content


OwnForm = Annotated[Form, Depends(_own_form)]


def _own_call(request: Request, web: WebHere) -> None:
    """Refuse what another site may have had a visitor's browser send; programs with a token need nothing."""
    visitor = web.doorkeeper.visitor(request)
    if visitor is None:
        raise Unknown
    web.doorkeeper.check_form(visitor, request.headers.get(CSRF_HEADER, ""))


OwnCall = Annotated[None, Depends(_own_call)]
"""Has a request whose body is no form carry what our pages carry; it stands behind the visitor, whose role counts
first."""
