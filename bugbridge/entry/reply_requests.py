"""A reply to be checked as programs hand it in, and what was found in it as they get it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Stage
from bugbridge.core.wording_model import STATES, Situation
from bugbridge.entry.naming import language_tag
from bugbridge.services.reply_checking import About, CheckedReply


def _language(value: str) -> str:
    try:
        return language_tag(value)
    except UsageError:
        raise ValueError("must be a language, such as en or pt-BR") from None


def _some_text(value: str) -> str:
    if not value.strip():
        raise ValueError("must be some text")
    return value


def _name(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be a text or a whole number")  # noqa: TRY004 - pydantic takes no TypeError for a problem
    return value


class ReplyToCheck(BaseModel):
    """A reply with what is said of its bug and ticket; `state`, as examples in wording files have it, is its stage."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    id: Annotated[str | int | None, BeforeValidator(_name)] = None
    text: Annotated[str, AfterValidator(_some_text)]
    stage: Annotated[Literal[STATES], Field(validation_alias=AliasChoices("stage", "state"))] = "open"  # type: ignore[valid-type] # of a tuple
    release_planned: bool = False
    first_reply: bool = False
    workaround_unsent: bool = False
    next_date_due: bool = False
    language: Annotated[str, AfterValidator(_language)] = ""

    @model_validator(mode="after")
    def _only_a_fix_is_planned(self) -> "ReplyToCheck":
        if self.release_planned and Situation.of_state(self.stage).stage is not Stage.FIXED:
            raise ValueError("release_planned goes with the stage fixed: what isn't fixed has no planned release")
        return self

    @property
    def about(self) -> About:
        """What the reply is about."""
        named = Situation.of_state(self.stage)
        situation = replace(
            named,
            release_planned=named.release_planned or self.release_planned,
            workaround_unsent=self.workaround_unsent,
            first_reply=self.first_reply,
            next_date_due=self.next_date_due,
        )
        return About(situation, self.language)


Request = TypeVar("Request", bound=ReplyToCheck)
KEYS = frozenset({*ReplyToCheck.model_fields, "state"})


def read_request(content: Mapping[str, Any], model: type[Request]) -> Request:
    """Read a request; null is as good as nothing. Raises UsageError, all problems in one sentence, quoting no text."""
    try:
        return model.model_validate({key: value for key, value in content.items() if value is not None})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        sentences = [sentence_of(detail, str(detail["loc"][0])[:40] if detail["loc"] else "") for detail in details]
        raise UsageError(" ".join(dict.fromkeys(sentences))) from None


def sentence_of(detail: Mapping[str, Any], key: str) -> str:
    """Say what pydantic found wrong at a key, "" for the whole, without what stood there."""
    reason = str(detail["msg"]).removeprefix("Value error, ")
    if not key:
        return f"{reason}."
    if detail["type"] == "missing":
        return f"{key} is missing."
    if detail["type"] == "extra_forbidden":
        return f"{key} is an unknown key."
    return f"{key}: {reason[:1].lower()}{reason[1:]}."


def reply_facts(found: CheckedReply) -> dict[str, object]:
    """Give what was found as programs read it."""
    return {
        "findings": found.findings,
        "promises": found.promises,
        "checked": found.checked,
        "language": found.language,
        "language_assumed": found.language_assumed,
        "stage": found.state,
    }
