"""Makes what a schema of an OpenAPI description allows: as much of JSON Schema as ours are written in."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Values = st.SearchStrategy[Any]
Schema = Mapping[str, Any]
FEW, LONG = 4, 300
WITH_SURROGATES = st.text(st.characters(), max_size=LONG)
ANYTHING: Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WITH_SURROGATES,
    lambda part: st.lists(part, max_size=FEW) | st.dictionaries(WITH_SURROGATES, part, max_size=FEW),
    max_leaves=FEW,
)


def resolved(schema: Schema, parts: Schema) -> Schema:
    """Give the part that a reference names, else the schema itself."""
    reference = str(schema.get("$ref", ""))
    found: Schema = parts["schemas"][reference.rpartition("/")[2]] if reference else schema
    return found


def from_schema(schema: Schema, parts: Schema) -> Values:
    """Make values that a schema allows; `parts` are the description's components."""
    if "$ref" in schema:
        return st.deferred(lambda: from_schema(resolved(schema, parts), parts))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of([from_schema(one, parts) for one in schema[several]])
    return _of_type(schema, parts)


def _of_type(schema: Schema, parts: Schema) -> Values:
    match schema.get("type"):
        case "string":
            return _strings(schema)
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            items = from_schema(schema.get("items", {}), parts)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", FEW))
        case "object":
            return _objects(schema, parts)
        case _:
            return ANYTHING


def _strings(schema: Schema) -> Values:
    match schema.get("format"):
        case "date":
            return st.dates().map(str)
        case "date-time":
            return st.datetimes().map(lambda at: f"{at.isoformat()}Z")
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=min(schema.get("maxLength", LONG), max(LONG, least)))


def _objects(schema: Schema, parts: Schema) -> Values:
    known = {name: from_schema(one, parts) for name, one in schema.get("properties", {}).items()}
    required = {name: known.pop(name) for name in schema.get("required", ()) if name in known}
    if not known and not required:
        more = schema.get("additionalProperties", True)
        return st.dictionaries(st.text(), from_schema(more if isinstance(more, dict) else {}, parts), max_size=FEW)
    return st.fixed_dictionaries(required, optional=known)
