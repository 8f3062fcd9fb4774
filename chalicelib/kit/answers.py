"""What a view may answer with, beside a plain value that becomes JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value with what HTTP wants said beside it; `version` becomes the ETag that `If-Match` names."""

    value: T
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None
    public_s: int = 0
    """For how long, in seconds, a shared cache may keep it when nobody is signed in."""


@dataclass(frozen=True)
class Page:
    """A whole HTML page; `style_hash` allows its inlined style (`sha256-…`)."""

    html: str
    status: int = 200
    style_hash: str = ""
    public_s: int = 0
    modified: str = ""
    is_secret: bool = False
    """Whoever knows its address may open it: no search engine lists it, and no other site is told it."""


@dataclass(frozen=True)
class Text:
    """Anything else that is text or bytes: a feed, a CSV, a download."""

    body: str | bytes
    content_type: str
    public_s: int = 0
    filename: str = ""


@dataclass(frozen=True)
class SeeOther:
    """After a form was accepted: look there (303). `session` sets the browser's cookie, if empty ends it."""

    to: str
    session: str | None = None
    session_lasts_s: int = 0


@dataclass(frozen=True)
class Moved:
    """This page's one address is another (301); nobody need ask here again."""

    to: str
