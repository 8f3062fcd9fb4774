"""The API's description, OpenAPI 3.1, made from the same declarations that check every request."""

import inspect
import re
from functools import cache
from typing import Any

import msgspec

from chalicelib.kit.operations import OPERATIONS, Nothing, Operation, Who
from chalicelib.kit.refusals import Refusal

ALWAYS = (400, 413, 422, 500, 503)  # any operation may answer these
TEMPLATE = "#/components/schemas/{name}"
ABOUT = """Everything that a page can do. Lists are `{items, next}`; every no is a problem document;
edits carry `If-Match`, and what creates may carry an `Idempotency-Key`."""
Document = dict[str, Any]
Schemas = dict[type, Document]


class FaultOut(msgspec.Struct, frozen=True):
    """One thing wrong with what was sent."""

    at: str
    message: str
    code: int


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457's problem details, with each fault's place and stable code."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultOut]
    known: Any = msgspec.UNSET


@cache
def document(site_url: str) -> bytes:
    """The whole description as JSON; the same for as long as the process lives."""
    operations = [each for each in OPERATIONS if not each.page and each.path.startswith(("/api", "/v1"))]
    types = {kind for each in operations for kind in (each.body, each.answer) if kind and kind is not Nothing}
    named = sorted(types | {Problem}, key=str)
    references, components = msgspec.json.schema_components(named, ref_template=TEMPLATE)
    for schema in components.values():
        # Python 3.13 takes a docstring's indentation away, 3.11 leaves it.
        schema["description"] = inspect.cleandoc(schema.get("description", ""))
    schemas = dict(zip(named, references, strict=True))
    paths: Document = {}
    for each in sorted(operations, key=lambda o: (o.path, o.verb)):
        paths.setdefault(each.path, {})[each.verb.lower()] = _operation(each, schemas)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Longhand",
                "version": "1",
                "description": ABOUT,
            },
            "servers": [{"url": site_url}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                },
            },
        }
    )


def _operation(operation: Operation, schemas: Schemas) -> Document:
    said: Document = {
        "operationId": operation.verb.lower() + re.sub(r"\W+", "_", operation.path).rstrip("_"),
        "summary": operation.summary,
        "parameters": _path_parameters(operation)
        + _query_parameters(operation)
        + _header_parameters(operation),
        "responses": _responses(operation, schemas),
        "tags": [operation.path.split("/")[2] if operation.path.count("/") > 1 else "api"],
    }
    if operation.body is not Nothing:
        content = {"application/json": {"schema": schemas[operation.body]}}
        said["requestBody"] = {"required": True, "content": content}
    if operation.who in (Who.SIGNED_IN, Who.OPERATOR):
        said["security"] = [{"bearer": []}, {"cookie": []}]
    elif operation.who is Who.ANYONE:
        said["security"] = [{}, {"bearer": []}, {"cookie": []}]
    return said


def _path_parameters(operation: Operation) -> list[Document]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]


def _query_parameters(operation: Operation) -> list[Document]:
    _, components = msgspec.json.schema_components([operation.query], ref_template=TEMPLATE)
    shape = components[operation.query.__name__]
    return [
        {"name": name, "in": "query", "required": name in shape.get("required", []), "schema": each}
        for name, each in shape.get("properties", {}).items()
    ]


def _header_parameters(operation: Operation) -> list[Document]:
    if 428 in {refusal.status for refusal in operation.refuses}:
        version = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
        return [{"name": "If-Match", "in": "header", "required": True, "schema": version}]
    if operation.keyed:
        return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}}]
    return []


def _responses(operation: Operation, schemas: Schemas) -> Document:
    done: Document = {"description": "Done"}
    if operation.answer is not None and operation.status != 204:
        done["content"] = {"application/json": {"schema": schemas[operation.answer]}}
    statuses = {refusal.status for refusal in operation.refuses} | set(ALWAYS)
    if operation.who in (Who.SIGNED_IN, Who.OPERATOR):
        statuses |= {401, 403}
    if operation.who is Who.ANYONE:
        statuses |= {401}
    if operation.who is Who.OPERATOR or "{" in operation.path:
        statuses |= {404}
    problem = {"application/problem+json": {"schema": schemas[Problem]}}
    said = {str(s): {"description": _title(s), "content": problem} for s in sorted(statuses)}
    return {str(operation.status): done} | said


def _title(status: int) -> str:
    titles = {kind.status: kind.title for kind in Refusal.__subclasses__()}
    return titles.get(status, "Something broke here")
