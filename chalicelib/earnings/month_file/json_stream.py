"""JSON read piece by piece, strictly: ten million readings never stand in memory as text or values."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
# One item (a member, a reading, the policy) is never longer; a story that 10,000 people share is 1 MB.
ITEM_CHARS_MAX = 1 << 24
# Products of a few such numbers stay below the 4,300 digits that Python turns into text.
DIGITS_MAX = 1000
WHITESPACE = " \t\r\n"
BETWEEN_ITEMS = re.compile(r"\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")


class Misshapen(ValueError):
    """What is wrong with the file, and where: `readings[12].seconds`."""

    def __init__(self, at: str, reason: str) -> None:
        super().__init__(f"{at}: {reason}")
        self.at = at
        self.reason = reason

    def under(self, place: str) -> "Misshapen":
        return Misshapen(f"{place}.{self.at}" if self.at else place, self.reason)


class NotWhole:
    """A number that is not a whole number, kept as it was written until its place is known."""

    def __init__(self, text: str) -> None:
        self.text = text


class RepeatedKey:
    """An object that has a key twice, kept until its place is known."""

    def __init__(self, key: str) -> None:
        self.key = key


def _object(pairs: list[tuple[str, object]]) -> object:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    for key, _ in pairs:
        if found.pop(key, pairs) is pairs:
            return RepeatedKey(key)
    raise AssertionError("A dict is shorter than its pairs only where a key is repeated.")


def _whole(text: str) -> object:
    return int(text) if len(text) <= DIGITS_MAX else NotWhole(f"one of more than {DIGITS_MAX} digits")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=NotWhole, parse_constant=NotWhole
)


class Document:
    """One JSON object, pulled: for each of `sections()` take `value()`, or `items()` of a list.

    Raises Misshapen, with the place reached, for what is not JSON or not UTF-8.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._next = 0
        self._is_all_read = False
        self.place = "file"

    def sections(self) -> Iterator[str]:
        self._take("{")
        seen: set[str] = set()
        while self._peek() != "}":
            if seen:
                self._take(",")
            self.place = key = self._key()
            self._take(":")
            if key in seen:
                raise Misshapen(key, "is given twice.")
            seen.add(key)
            yield key
            self.place = "file"
        self._take("}")
        if self._peek():
            raise Misshapen("file", "not JSON: something follows the end.")

    def value(self) -> object:
        self._peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._next)
            except json.JSONDecodeError as error:
                if self._is_all_read or len(self._text) - self._next > ITEM_CHARS_MAX:
                    raise Misshapen(self.place, f"not JSON: {error.msg}.") from error
            except RecursionError as error:
                raise Misshapen(self.place, "is nested too deeply.") from error
            else:
                # What ends with the text read so far may go on in the next chunk.
                if end < len(self._text) or self._is_all_read:
                    self._next = end
                    return value
            self._fill()

    def items(self) -> Iterator[object]:
        """The values of a list, one by one."""
        key = self.place
        if self._peek() != "[":
            raise Misshapen(key, "must be a list.")
        self._take("[")
        index = 0
        while self._peek() != "]":
            if index:
                self._take(",")
            self.place = f"{key}[{index}]"
            yield self.value()
            index += 1
            self.place = key
        self._take("]")

    def pieces(self) -> Iterator[str]:
        """A list of flat objects as text, in pieces of whole items without the commas between the pieces.

        An item is taken to end where a brace closes before a comma and another opens, and the list where a
        bracket closes. Inside a text that is wrong: then the piece is not JSON, and who decodes it finds out.
        """
        if self._peek() != "[":
            raise Misshapen(self.place, "must be a list.")
        self._take("[")
        is_more = False
        while (end := self._text.find("]", self._next)) < 0 and not self._is_all_read:
            if cut := self._last_between():
                yield self._text[self._next : cut.start() + 1]
                self._next, is_more = cut.end(), True
            self._fill()
        rest = self._text[self._next : max(end, self._next)]
        if end < 0 or (is_more and not rest.strip()):
            raise Misshapen(self.place, "not JSON: the list has no end.")
        yield rest
        self._next = end + 1

    def skip(self) -> None:
        """Pass by the value, whatever it is, without keeping it."""
        if self._peek() != "[":
            self.value()
            return
        for _ in self.items():
            pass

    def _key(self) -> str:
        if self._peek() != '"':
            raise Misshapen(self.place, "not JSON: a key was expected.")
        return str(self.value())

    def _last_between(self) -> re.Match[str] | None:
        """Where, as late as can be seen, one item seems to end and another to begin."""
        at = len(self._text)
        while (at := self._text.rfind("}", self._next, at)) >= 0:
            if found := BETWEEN_ITEMS.match(self._text, at):
                return found
        return None

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            found = "the end of the file" if self._peek() == "" else repr(self._peek())
            raise Misshapen(self.place, f"not JSON: {sign!r} was expected, not {found}.")
        self._next += 1

    def _peek(self) -> str:
        """The next character that is not white space; nothing at the end."""
        while True:
            while self._next < len(self._text) and self._text[self._next] in WHITESPACE:
                self._next += 1
            if self._next < len(self._text) or self._is_all_read:
                return self._text[self._next : self._next + 1]
            self._fill()

    def _fill(self) -> None:
        """Read on; at least as much again as is waiting, so that a long item costs no more than twice."""
        waiting = self._text[self._next :]
        chunk = self._source.read(max(CHUNK_BYTES, len(waiting)))
        self._is_all_read = not chunk
        try:
            self._text = waiting + self._decode.decode(chunk, final=self._is_all_read)
        except UnicodeDecodeError as error:
            raise Misshapen(self.place, "is not UTF-8.") from error
        self._next = 0
