"""How a page is made: the templates, the files built for the browser, and the style that a story carries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.kit.settings import settings

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent

# What base.html takes as said when a page says nothing of it.
UNLESS_SAID = {"viewer": None, "csrf": "", "here": "", "seeded": False, "said": "", "description": ""}


@dataclass(frozen=True)
class Built:
    """What `make build` made for the browser: addresses by name, and the style that a story carries."""

    files: Mapping[str, str]
    story_style: str
    story_style_hash: str


@cache
def built() -> Built:
    try:
        manifest = json.loads((HERE / "manifest.json").read_text("utf-8"))
    except FileNotFoundError as absence:
        raise FileNotFoundError("The style sheet and scripts are missing; run `make build`.") from absence
    return Built(manifest["files"], manifest["story_style"], manifest["story_style_hash"])


def render(template: str, /, **model: object) -> str:
    """The page as HTML. The comment at the head of each template says what names it uses."""
    return environment().get_template(template).render(model)


def static(name: str) -> str:
    """The address of a built file, such as `site.css`."""
    return built().files[name]


@cache
def environment() -> "Environment":
    # Imported here: answers of the API never need templates, and a cold start would pay for them.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from chalicelib.web import filters

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    made.filters |= filters.ALL
    made.globals |= {"static": static, "story_style": story_style, "site_url": settings().site_url}
    made.globals |= UNLESS_SAID
    return made


def story_style() -> str:
    """The inlined style; its hash covers every character between the tags."""
    from markupsafe import Markup

    return Markup(built().story_style)  # noqa: S704 - our own build wrote it
