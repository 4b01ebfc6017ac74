"""The API as OpenAPI describes it, for programs and for those who write them."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.routing import BaseRoute

from bugbridge.core.audit_model import By
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.wording_model import WordingFinding
from bugbridge.entry.web.addresses import AUDIT_API, CHECK_REPLY_API
from bugbridge.entry.web.check_reply import ReplyRequest
from bugbridge.entry.web.visiting import Agent
from bugbridge.render import audit_json

router = APIRouter()
ABOUT = "What the pages of BugBridge show and do. Instants are UTC; a list has at most 50 rows, `next` continues it."
BEARER = {"bearer": {"type": "http", "scheme": "bearer", "description": "A token, or the team's own."}}
AUDIT = "Audit"
IN_THE_FILE, HERE = '"#/$defs/', f'"#/components/schemas/{AUDIT}/$defs/'
AUDIT_SCHEMA = Path(audit_json.__file__).with_name("audit_schema.json")


class Refusal(BaseModel):
    """Why a request wasn't carried out, in one sentence."""

    error: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Refusal, "description": "The request can't be carried out."},
    "5XX": {"model": Refusal, "description": "The request can't be carried out now."},
}


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request, _visitor: Agent) -> JSONResponse:
    """Give the description."""
    application: FastAPI = request.app
    if application.openapi_schema is None:
        application.openapi_schema = described(application)
    return JSONResponse(application.openapi_schema)


def described(application: FastAPI) -> dict[str, Any]:
    """Describe every address of the API; a summary is the first sentence of what its function says of itself."""
    routes: list[BaseRoute] = [*application.routes, *BY_HAND.routes]
    document = get_openapi(title="BugBridge", version=version("bugbridge"), description=ABOUT, routes=routes)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["summary"] = operation.get("description", "").partition(".")[0]
    document["security"] = [{name: []} for name in BEARER]
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = BEARER
    parts.setdefault("schemas", {})[AUDIT] = _audit_schema()
    return document


def _audit_schema() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(AUDIT_SCHEMA.read_text(encoding="utf-8").replace(IN_THE_FILE, HERE))
    return found


# Addresses that read their requests themselves, each with a door and turns of its own: described as if they didn't.
BY_HAND = APIRouter(responses=REFUSALS)


class FoundPromise(BaseModel):
    """A promise that a reply makes, with its words; `due_at` in UTC or the `event` that it waits for."""

    start: int
    end: int
    text: str
    due_at: datetime | None
    event: PromiseEvent | None


class FoundInReply(BaseModel):
    """What was found in a reply; one that isn't `checked`, since its language has no rules, has not passed."""

    findings: list[WordingFinding]
    promises: list[FoundPromise]
    checked: bool
    language: str
    language_assumed: bool
    stage: str


@BY_HAND.post(CHECK_REPLY_API)
def check_reply(_asked: ReplyRequest) -> FoundInReply:
    """Check a reply before it is sent. Nothing of it is kept or logged."""
    raise NotImplementedError


_AUDIT_ANSWER = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{AUDIT}"}}}}


@BY_HAND.get(AUDIT_API, openapi_extra={"responses": {"200": _AUDIT_ANSWER}})
def audit(
    _last: Annotated[
        str, Query(alias="last", pattern="^([1-9][0-9]{0,8}|all)$", description="So many, those fixed last.")
    ] = "100",
    _since: Annotated[date | None, Query(alias="since", description="Fixed on this day or later.")] = None,
    _by: Annotated[list[By], Query(alias="by", description="Groups to measure on their own.")] = [],  # noqa: B006 - described, never called
) -> None:
    """The bugs that were fixed last: how long they took, and what their customers heard meanwhile."""
    raise NotImplementedError
