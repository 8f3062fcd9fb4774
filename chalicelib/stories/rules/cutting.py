"""How a text is cut: well formed, with nothing of what stands behind the cut."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape, unescape

from chalicelib.stories.rules.text import PIECE, WORD

VOID = frozenset(["br", "hr", "img"])
# A preview may end behind these; a heading alone would promise what isn't there.
ENDS = frozenset(["p", "ul", "ol", "li", "blockquote", "pre", "figure"])
SENTENCE = re.compile("[。！？]|[.!?…؟।]+[\"'”’»)\\]]*(?=\\s|$)")
# So much of what the writer chose has to be left, or it is cut within a sentence.
KEPT_NUMERATOR, KEPT_DENOMINATOR = 3, 4


def cut(html: str, words: int) -> tuple[str, int]:
    """The first `words` words of safe HTML, well formed, and how many words they really are.

    Nothing that stands behind the last word is kept: no picture, no link's address, no heading.
    """
    cutting = _cutting(html, words)
    return cutting.closed(), cutting.taken


def beginning(html: str, words: int) -> str:
    """At most the first `words` words, ended with a block or a sentence; within one if it is very long."""
    cutting = _cutting(html, words)
    end = cutting.end
    is_far = end.taken * KEPT_DENOMINATOR < words * KEPT_NUMERATOR
    return cutting.closed() if cutting.is_all or is_far else cutting.closed_at(end)


@dataclass(frozen=True)
class _End:
    """Where a block or a sentence ended: the pieces kept until then, a last text, what was still open."""

    pieces: int = 0
    text: str = ""
    inside: tuple[str, ...] = ()
    taken: int = 0


@dataclass
class _Cut:
    words: int
    taken: int = 0
    is_all: bool = True
    kept: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    end: _End = _End()

    def take(self, slash: str | None, name: str | None, attributes: str | None, text: str | None) -> bool:
        """Keep one more tag or run of text; False when the words are used up."""
        if text is not None:
            return self._text(text)
        if slash:
            return self._end(str(name))
        if self.taken >= self.words:
            return False
        self.kept.append(f"<{name}{attributes}>")
        if name not in VOID:
            self.inside.append(str(name))
        return True

    def closed(self) -> str:
        return _closed(self.kept, self.inside)

    def closed_at(self, end: _End) -> str:
        return _closed([*self.kept[: end.pieces], end.text], end.inside)

    def _end(self, name: str) -> bool:
        if self.inside and self.inside[-1] == name:
            self.inside.pop()
            self.kept.append(f"</{name}>")
            if name in ENDS:
                self.end = _End(len(self.kept), "", tuple(self.inside), self.taken)
        return True

    def _text(self, raw: str) -> bool:
        text = unescape(raw)
        starts: list[int] = []
        end = 0
        for word in WORD.finditer(text):
            if self.taken + len(starts) == self.words:
                self._sentence(text[: word.start()], starts)
                if self.words:
                    self.kept.append(escape(text[:end], quote=False) + "…")
                self.taken += len(starts)
                return False
            starts.append(word.start())
            end = word.end()
        self._sentence(text, starts)
        self.taken += len(starts)
        self.kept.append(raw)
        return True

    def _sentence(self, text: str, starts: list[int]) -> None:
        """Note the last sentence that ends in a run of text whose words start there."""
        ends = [found.end() for found in SENTENCE.finditer(text)]
        if starts and ends and ends[-1] > starts[0]:
            taken = self.taken + sum(1 for start in starts if start < ends[-1])
            said = escape(text[: ends[-1]], quote=False)
            self.end = _End(len(self.kept), said, tuple(self.inside), taken)


def _cutting(html: str, words: int) -> _Cut:
    cutting = _Cut(words)
    for piece in PIECE.finditer(html):
        if not cutting.take(*piece.groups()):
            cutting.is_all = False
            break
    return cutting


def _closed(kept: Sequence[str], inside: Sequence[str]) -> str:
    return "".join(kept) + "".join(f"</{name}>" for name in reversed(inside))
