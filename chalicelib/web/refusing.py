"""A no as a page: what happened, what is safe, and the one step that helps."""

from urllib.parse import quote

from chalicelib.kit.http import Page
from chalicelib.kit.refusals import Refusal
from chalicelib.web import look, sheet

HOME = {"url": "/", "says": "To the front page"}
MISSING = "This page was never written, or has been taken out"


def page_of(refusal: Refusal, path: str) -> Page:
    """The page for this refusal of `path`; it knows nobody, so that it can be made when nothing else can."""
    heading = MISSING if refusal.status == 404 else refusal.title
    steps = [HOME]
    if refusal.status == 401:
        steps = [{"url": f"/signin?next={quote(path)}", "says": "Sign in"}, HOME]
    html = look.render(
        "refusal.html",
        title=heading,
        heading=heading,
        says=refusal.message,
        status=refusal.status,
        steps=steps,
        seeded=sheet.is_demonstration(),
    )
    return Page(html, status=refusal.status)
