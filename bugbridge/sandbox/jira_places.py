"""What all of Jira's answers share: addresses, errors, and how requests give lists and numbers."""

from starlette.requests import Request

from bugbridge.sandbox.sign_in import GATEWAY
from bugbridge.sandbox.wire import Json, Refusal, base_url, body_of


def error(status: int, message: str) -> Refusal:
    """A refusal in Jira's form."""
    return Refusal(status, {"errorMessages": [message], "errors": {}})


def instance_url(request: Request) -> str:
    """The address of the instance as the client has it, the gateway's where it came through that."""
    return base_url(request) + (GATEWAY if request.url.path.startswith(GATEWAY) else "")


def asked_of(request: Request) -> Json:
    """Parameters of a search: the body of a POST, or the query with its lists."""
    if request.method == "POST":
        return body_of(request)
    asked: Json = dict(request.query_params)
    asked["fields"] = [name for text in request.query_params.getlist("fields") for name in text.split(",")]
    asked["reconcileIssues"] = request.query_params.getlist("reconcileIssues")
    return asked


def texts(found: object) -> list[str]:
    """A list of texts, which may come with commas."""
    if isinstance(found, str):
        return found.split(",")
    return [str(each) for each in found] if isinstance(found, list) else []


def number(asked: Json, name: str, default: int) -> int:
    """A whole number; refused where it is none."""
    found = str(asked.get(name, default))
    if not found.isdigit():
        raise error(400, f"{name} must be a number.")
    return int(found)
