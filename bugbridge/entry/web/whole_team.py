"""What concerns the whole team: figures and rules that no brand is left out of."""

from typing import Annotated

from fastapi import Depends

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import FORBIDDEN
from bugbridge.entry.web.visiting import Lead

WHOLE_TEAM = "This is about the whole team: it is for a lead from whom no brand is hidden."


def refuse_narrowed(visitor: Visitor) -> None:
    """Raise Refused for whoever doesn't see everything, or is no lead."""
    if not visitor.may(Role.LEAD):
        raise Refused(FORBIDDEN, f"This is for a lead; your role is {visitor.role.word}.")
    if not visitor.sees_everything:
        raise Refused(FORBIDDEN, WHOLE_TEAM)


def _of_whole_team(visitor: Lead) -> Visitor:
    refuse_narrowed(visitor)
    return visitor


WholeTeamLead = Annotated[Visitor, Depends(_of_whole_team)]
