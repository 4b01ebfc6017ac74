"""The policy for programs: tried, put in force from a date, and taken back, as on the pages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from bugbridge.core.errors import ConfigError, RefusedError, UsageError
from bugbridge.core.instants import instant_to_text
from bugbridge.core.policy_file import text_hash
from bugbridge.entry.naming import policy_start
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.answers import HEADERS, in_turn, refusal
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_POLICY, LONGEST_POLICY_NAME, MOST_REPLAYED
from bugbridge.entry.web.policy_applying import APPLIED, ROLLED_BACK, kept_edit
from bugbridge.entry.web.policy_editing import BUSY, RETRY_SECONDS
from bugbridge.entry.web.policy_forms import Problem, problems_of, read_text
from bugbridge.entry.web.policy_trials import TrialFacts, trial_facts, tried
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, UNAVAILABLE
from bugbridge.entry.web.visiting import OwnCall, actor_of
from bugbridge.entry.web.whole_team import WholeTeamLead
from bugbridge.services.policies import Kept, Proposal, find_version, kept_policies
from bugbridge.services.policy_editing import Edit, for_everybody, versions_in_force

WRONG = "The policy has {}: see problems."

router = APIRouter()


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PolicyToTry(_Asked):
    """A text to try: in place of the policy that is named, or of the one for everybody, on the bugs reported last."""

    text: Annotated[str, Field(max_length=LONGEST_POLICY)]
    policy: Annotated[str, Field(max_length=LONGEST_POLICY_NAME)] = ""
    last: Annotated[int, Field(ge=1, le=MOST_REPLAYED)] = 50


class PolicyToCheck(_Asked):
    """A text to read."""

    text: Annotated[str, Field(max_length=LONGEST_POLICY)]


class PolicyToApply(_Asked):
    """A text to put in force in place of the version `made_from`, a hash; now, or from a day or instant on."""

    text: Annotated[str, Field(max_length=LONGEST_POLICY)]
    made_from: Annotated[str, Field(max_length=64)]
    policy: Annotated[str, Field(max_length=LONGEST_POLICY_NAME)] = ""
    start: Annotated[str, Field(max_length=64)] = ""


class PolicyToRollBack(_Asked):
    """An earlier version to put in force again in place of the version `made_from`, both hashes."""

    version: Annotated[str, Field(min_length=1, max_length=64)]
    made_from: Annotated[str, Field(max_length=64)]
    start: Annotated[str, Field(max_length=64)] = ""


class PolicyApplied(BaseModel):
    """What is in force, or will be from `start` on (UTC); `applied` is false where it was so before."""

    applied: bool
    policy: str
    version: str
    start: str


class ProblemFacts(BaseModel):
    """What is wrong with a text, on which line; 0 where it concerns no line."""

    line: int
    sentence: str


class PolicyChecked(BaseModel):
    """A sound text: the policy's own name, the version (a hash) that it would be, and what is to be known of it."""

    policy: str
    version: str
    notes: list[ProblemFacts]


class PolicyRefused(BaseModel):
    """Why nothing was done."""

    error: str
    problems: list[ProblemFacts] = []


REFUSED: dict[int | str, dict[str, type[BaseModel]]] = {
    status: {"model": PolicyRefused} for status in (MALFORMED, CONFLICT, UNAVAILABLE)
}


def _trial_asked(web: WebHere, visitor: WholeTeamLead, _own: OwnCall, asked: PolicyToTry) -> Callable[[], Response]:
    edit = Edit(asked.policy or _for_everybody(web), "", asked.text)

    def trial() -> Response:
        found = tried(web, edit, actor_of(visitor), asked.last)
        return Response(trial_facts(web, edit, found).model_dump_json(), media_type="application/json", headers=HEADERS)

    return partial(_answered, asked.text, trial)


@router.post("/api/v1/policy/try", response_model=TrialFacts, responses=REFUSED)
async def try_policy(web: WebHere, work: Annotated[Callable[[], Response], Depends(_trial_asked)]) -> Response:
    """Replay a policy on the team's own history, beside the one in force; nothing is kept."""
    return await in_turn(web.turn, work, refusal(UNAVAILABLE, BUSY, {"Retry-After": str(RETRY_SECONDS)}))


@router.post("/api/v1/policy/check", response_model=PolicyChecked, responses=REFUSED)
def check_policy(_visitor: WholeTeamLead, _own: OwnCall, asked: PolicyToCheck) -> Response:
    """Read a policy's text, and say all that is wrong with it; nothing is decided by it, and nothing is kept."""
    reading = read_text(asked.text)
    if reading.version is None:
        return _wrong(_problem_facts(reading.problems))
    notes, name = _problem_facts(reading.notes), reading.version.policy.name
    answer = PolicyChecked(policy=name, version=text_hash(asked.text), notes=notes)
    return JSONResponse(answer.model_dump(), headers=HEADERS)


@router.post("/api/v1/policy/apply", response_model=PolicyApplied, responses=REFUSED)
def apply_policy(web: WebHere, visitor: WholeTeamLead, _own: OwnCall, asked: PolicyToApply) -> Response:
    """Put a policy in force, now or from a date on."""
    name = asked.policy or _for_everybody(web)

    def act() -> Response:
        edit = Edit(name, asked.made_from, asked.text, policy_start(web.app, asked.start or None))
        return _facts(*kept_edit(web, visitor, edit, APPLIED))

    return _answered(asked.text, act)


@router.post("/api/v1/policy/roll-back", response_model=PolicyApplied, responses=REFUSED)
def roll_back_policy(web: WebHere, visitor: WholeTeamLead, _own: OwnCall, asked: PolicyToRollBack) -> Response:
    """Put an earlier version in force again, now or from a date on."""
    try:
        earlier = find_version(kept_policies(web.app.store), asked.version, PAGES.versions)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None

    def act() -> Response:
        edit = Edit(earlier.name, asked.made_from, earlier.body, policy_start(web.app, asked.start or None))
        return _facts(*kept_edit(web, visitor, edit, ROLLED_BACK))

    return _answered(earlier.body, act)


def _for_everybody(web: Web) -> str:
    return for_everybody(versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now())).name


def _facts(proposal: Proposal, kept: Kept | None) -> Response:
    change = kept or proposal.change
    start = instant_to_text(change.in_force_from)
    answer = PolicyApplied(applied=kept is not None, policy=change.name, version=change.hash, start=start)
    return JSONResponse(answer.model_dump(), headers=HEADERS)


def _answered(text: str, act: Callable[[], Response]) -> Response:
    """Act on a sound text; of another all problems are told at once, and nothing is done."""
    problems = read_text(text).problems
    if problems:
        return _wrong(_problem_facts(problems))
    try:
        return act()
    except RefusedError as error:
        return refusal(CONFLICT, str(error))
    except UsageError as error:
        return refusal(MALFORMED, str(error))
    except ConfigError as error:
        return _wrong(_problem_facts(problems_of(error)))


def _problem_facts(problems: Sequence[Problem]) -> list[ProblemFacts]:
    return [ProblemFacts(line=one.line, sentence=one.sentence) for one in problems]


def _wrong(problems: list[ProblemFacts]) -> Response:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return JSONResponse(
        PolicyRefused(error=WRONG.format(count), problems=problems).model_dump(), MALFORMED, headers=HEADERS
    )
