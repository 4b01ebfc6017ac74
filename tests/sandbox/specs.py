"""The vendors' published descriptions, where the optional folder beside the checkout has them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parents[2].parent / "shared" / "specs"


def _modern(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type of its own."""
    if isinstance(node, list):
        return [_modern(each) for each in node]
    if not isinstance(node, dict):
        return node
    shape = {
        name: _modern(each) for name, each in node.items() if name not in {"nullable", "example", "examples", "xml"}
    }
    return {"anyOf": [shape, {"type": "null"}]} if node.get("nullable") is True else shape


class Described:
    """The schemas of one vendor's description."""

    def __init__(self, name: str) -> None:
        """Skip the test where the file is absent."""
        path = FOLDER / name
        if not path.exists():
            pytest.skip(f"{name} is not beside the checkout")
        self._schemas = _modern(json.loads(path.read_text())["components"]["schemas"])

    def complaints(self, schema: str, body: object, *, each: bool = False) -> list[str]:
        """What is wrong with an answer by that schema, or with each item of a list."""
        one: dict[str, Any] = {"$ref": f"#/components/schemas/{schema}"}
        shape = {"type": "array", "minItems": 1, "items": one} if each else one
        validator = Draft202012Validator({**shape, "components": {"schemas": self._schemas}})
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
