"""The rule of pay as a page: EARNINGS.md made HTML when building: what is served is what is published."""

import json
import re
from typing import Any

from infra.environments import ROOT

RULE = ROOT / "EARNINGS.md"
OUT = ROOT / "chalicelib" / "web" / "rule.json"
LEVELS = ("h2",)


def build() -> bool:
    """Whether anything had to be written."""
    made = json.dumps(rendered(RULE.read_text("utf-8")), ensure_ascii=False, indent=1)
    if OUT.exists() and OUT.read_text("utf-8") == made:
        return False
    OUT.write_text(made, "utf-8")
    return True


def rendered(markdown: str) -> dict[str, Any]:
    """Its title, contents, and HTML whose links lead to places of this page, or to other sites."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, contents, title = parser.parse(markdown), [], ""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            says = tokens[place + 1].content
            token.attrSet("id", anchor(says))
            title = says if token.tag == "h1" else title
            if token.tag in LEVELS:
                contents.append({"anchor": anchor(says), "says": says})
        elif token.type == "inline" and token.children:
            token.children = _without_files(token.children)
    first = next((n for n, token in enumerate(tokens) if token.type == "heading_close"), -1) + 1
    html = parser.renderer.render(tokens[first:], parser.options, {})
    return {"title": title, "contents": contents, "html": _reachable(html)}


def anchor(heading: str) -> str:
    """As GitHub makes it, for the file links to its own headings."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _without_files(children: list[Any]) -> list[Any]:
    """A link to a file of the repository is only its words: the site has no such page."""
    kept, leads = [], True
    for child in children:
        if child.type == "link_open":
            leads = str(child.attrGet("href")).startswith(("#", "https://"))
        if leads or child.type not in ("link_open", "link_close"):
            kept.append(child)
    return kept


def _reachable(html: str) -> str:
    """What may scroll can be reached by keyboard, and says what it is."""
    scroll = '<div class="scroll" tabindex="0" role="region" aria-label="Table {}"><table class="ledger">'
    parts = html.split("<table>")
    html = parts[0] + "".join(scroll.format(n) + part for n, part in enumerate(parts[1:], 1))
    html = html.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    html = re.sub(r'<(th|td) style="text-align:(?:right|center)"', r'<\1 class="n"', html)
    return html.replace("<th>", '<th scope="col">').replace('<th class="n"', '<th scope="col" class="n"')


if __name__ == "__main__":
    print("Written." if build() else "As it was.")
