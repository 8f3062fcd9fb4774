"""The API's description: for programs at /openapi.json, for people at /docs."""

import re
from functools import cache
from typing import Any

import msgspec

from chalicelib.kit import openapi
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Text, Who
from chalicelib.kit.operations import OPERATIONS
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.settings import settings
from chalicelib.web import sheet

KEPT_S = 300
WHO = {
    Who.ANYONE: "for anyone",
    Who.SIGNED_IN: "signed in",
    Who.OPERATOR: "for operators",
    Who.SIGNED_HOOK: "signed by the sender",
}
routes = Routes(__name__)


@routes.get("/openapi.json", who=Who.ANYONE)
def description(ask: Ask[Nothing]) -> Text:
    """The API's description, OpenAPI 3.1"""
    routes.current_app.open()
    return Text(openapi.document(settings().site_url), "application/json", public_s=KEPT_S)


@routes.get("/docs", who=Who.ANYONE, page=True)
def docs(ask: Ask[Nothing]) -> Page:
    """The API, to read in a browser"""
    routes.current_app.open()
    paper, _ = sheet.opened(ask)
    return paper.page("docs.html", title="The API", groups=_groups(), refusals=_refusals(), public_s=KEPT_S)


@cache
def _groups() -> list[dict[str, Any]]:
    document = msgspec.json.decode(openapi.document(settings().site_url))
    groups: dict[str, list[dict[str, Any]]] = {}
    who = {(each.verb, each.path): WHO[each.who] for each in OPERATIONS}
    for path, verbs in document["paths"].items():
        for verb, said in verbs.items():
            shown = _operation(verb.upper(), path, said, document["components"]["schemas"])
            groups.setdefault(said["tags"][0], []).append(shown | {"who": who[verb.upper(), path]})
    return [
        {"name": name.replace("-", " ").capitalize(), "anchor": name, "operations": operations}
        for name, operations in sorted(groups.items())
    ]


def _operation(verb: str, path: str, said: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    status, done = next(iter(said["responses"].items()))
    return {
        "verb": verb,
        "path": path,
        "summary": said["summary"],
        "anchor": said["operationId"],
        "parameters": [
            {"name": p["name"], "place": p["in"], "says": p["schema"].get("description", "")}
            for p in said["parameters"]
        ],
        "body": _shape(said.get("requestBody", {}), schemas),
        "answer": _shape(done, schemas),
        "status": status,
        "refusals": [
            {"status": code, "says": reply["description"]}
            for code, reply in list(said["responses"].items())[1:]
        ],
    }


def _shape(holder: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The JSON Schema of a body or an answer as text, with what it names opened one level."""
    schema = holder.get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return ""
    named = re.sub(r".*/", "", schema.get("$ref", ""))
    return msgspec.json.format(msgspec.json.encode(schemas.get(named, schema)), indent=2).decode()


def _refusals() -> list[dict[str, Any]]:
    kinds = sorted(Refusal.__subclasses__(), key=lambda kind: kind.default_code)
    return [{"code": kind.default_code, "status": kind.status, "title": kind.title} for kind in kinds]
