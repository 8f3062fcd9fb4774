"""The magazine's forty stories: files with a small header and Markdown, made into the HTML that we allow."""

import html
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from chalicelib.kit import ids
from chalicelib.media import addresses
from chalicelib.media.rules import Image
from chalicelib.stories.rules import PREVIEW_WORDS_MIN, Publication, Words

FOLDER = Path(__file__).parent / "stories"
DRAWN = "Drawn by a program for this demonstration."
DRAWN_IN = {
    "ar": "رسمها برنامج من أجل هذا العرض التجريبي.",
    "de": "Von einem Programm für diese Vorführung gezeichnet.",
}
SHOWN_WIDTH = 960


@dataclass(frozen=True)
class Manuscript:
    """One story as it lies in its file; `days_ago` it came out."""

    name: str
    title: str
    subtitle: str
    author: str
    days_ago: int
    picture: str
    alt: str
    publication: Publication
    markdown: str

    @property
    def id(self) -> str:
        return ids.made_of("seed story", self.name)

    @property
    def picture_id(self) -> str:
        return ids.made_of("seed picture", self.name)

    @property
    def is_members_only(self) -> bool:
        return self.publication.audience == "members"

    def words(self, picture: Image) -> Words:
        """What its writer sends: the text, with the picture after its first paragraph."""
        first, end, rest = rendered(self.markdown).partition("</p>")
        return Words(self.title, self.subtitle, f"{first}{end}{self._figure(picture)}{rest}")

    def _figure(self, picture: Image) -> str:
        source = addresses.fitting(picture, SHOWN_WIDTH)
        caption = DRAWN_IN.get(self.publication.language, DRAWN)
        return (
            f'<figure><img src="{source}" alt="{html.escape(self.alt)}" width="{picture.width}"'
            f' height="{picture.height}"><figcaption>{caption}</figcaption></figure>'
        )


@cache
def manuscripts() -> tuple[Manuscript, ...]:
    """All of them, the oldest first."""
    found = [read(file.stem, file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.md"))]
    return tuple(sorted(found, key=lambda each: -each.days_ago))


def read(name: str, text: str) -> Manuscript:
    """A story's file: `key: value` lines, `---`, and the text. Raises KeyError for a key that it lacks."""
    header, _, markdown = text.partition("\n---\n")
    said = dict(line.replace("'", "’").split(": ", 1) for line in header.splitlines())
    return Manuscript(
        name=name,
        title=said["title"],
        subtitle=said["subtitle"],
        author=said["author"],
        days_ago=int(said["days_ago"]),
        picture=said["picture"],
        alt=said["alt"],
        publication=Publication(
            topics=tuple(said["topics"].split(", ")),
            audience=said["audience"],
            preview_words=int(said.get("preview_words", PREVIEW_WORDS_MIN)),
            language=said.get("language", "en"),
        ),
        markdown=markdown,
    )


def rendered(markdown: str) -> str:
    """HTML with typographic quotes; a quote within a quote is a pull quote."""
    made = MarkdownIt("commonmark", {"typographer": True}).enable(["replacements", "smartquotes"])
    text: str = made.render(markdown)
    pull = '<blockquote class="pull">'
    return text.replace("<blockquote>\n<blockquote>", pull).replace(
        "</blockquote>\n</blockquote>", "</blockquote>"
    )
