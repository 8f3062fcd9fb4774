"""The grammar of DynamoDB's expressions, as much of it as we write; the rest is refused.

A store that guesses would agree with code that guesses.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

Tree = tuple[Any, ...]
TOKEN = re.compile(r"\s*(?:([#:]?[A-Za-z_0-9]\w*)|(<>|<=|>=|[=<>(),+\-.]))")
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
COMPARED = ("=", "<>", "<", "<=", ">", ">=")
CALLED = ("attribute_exists", "attribute_not_exists", "begins_with", "contains")


class Unknown(Exception):
    """An expression, or a call, or a part of one, that this store was not taught."""


@dataclass
class Reader:
    """The tokens of an expression, and how far they are read."""

    text: str
    tokens: list[str]
    at: int = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        found = self.next
        if not found or (expected and found.upper() not in expected):
            raise Unknown(f"{found or 'the end'} in {self.text!r}")
        self.at += 1
        return found

    def has(self, word: str) -> bool:
        if self.next.upper() != word:
            return False
        self.at += 1
        return True


@cache
def condition_tree(text: str) -> Tree:
    reader = _reader(text)
    tree = _either(reader)
    if reader.next:
        raise Unknown(f"{reader.next} in {text!r}")
    return tree


@cache
def update_tree(text: str) -> dict[str, list[Tree]]:
    """By clause the assignments: (path, operand) or, for REMOVE, (path,)."""
    reader, found = _reader(text), dict[str, list[Tree]]()
    while reader.next:
        clause = reader.take(*CLAUSES).upper()
        if clause in found:
            raise Unknown(f"{clause} twice in {text!r}")
        found[clause] = [_assigned(reader, clause)]
        while reader.has(","):
            found[clause].append(_assigned(reader, clause))
    return found


def _reader(text: str) -> Reader:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found:
            raise Unknown(f"{text[at:]!r} in {text!r}")
        tokens.append(found[1] or found[2])
        at = found.end()
    return Reader(text, tokens)


def _either(reader: Reader) -> Tree:
    tree = _all(reader)
    while reader.has("OR"):
        tree = ("or", tree, _all(reader))
    return tree


def _all(reader: Reader) -> Tree:
    tree = _one(reader)
    while reader.has("AND"):
        tree = ("and", tree, _one(reader))
    return tree


def _one(reader: Reader) -> Tree:
    if reader.has("NOT"):
        return ("not", _one(reader))
    if reader.has("("):
        tree = _either(reader)
        reader.take(")")
        return tree
    if reader.next in CALLED:
        return _called(reader)
    return _compared(reader)


def _called(reader: Reader) -> Tree:
    name = reader.take()
    reader.take("(")
    tree: Tree = (name, _term(reader))
    if name in ("begins_with", "contains"):
        reader.take(",")
        tree = (*tree, _term(reader))
    reader.take(")")
    return tree


def _compared(reader: Reader) -> Tree:
    left = _term(reader)
    if reader.has("BETWEEN"):
        low = _term(reader)
        reader.take("AND")
        return ("between", left, low, _term(reader))
    if reader.has("IN"):
        reader.take("(")
        tree: Tree = ("in", left, _term(reader))
        while reader.has(","):
            tree = (*tree, _term(reader))
        reader.take(")")
        return tree
    return (reader.take(*COMPARED), left, _term(reader))


def _term(reader: Reader) -> Tree:
    word = reader.take()
    if word.startswith(":"):
        return ("value", word)
    if not (word.startswith("#") or word[0].isalpha() or word[0] == "_"):
        raise Unknown(f"{word} in {reader.text!r}")
    path = [word]
    while reader.has("."):
        path.append(reader.take())
    return ("path", tuple(path))


def _assigned(reader: Reader, clause: str) -> Tree:
    path = _term(reader)
    if clause == "REMOVE":
        return (path,)
    if clause == "SET":
        reader.take("=")
        return (path, _sum(reader))
    return (path, _term(reader))


def _sum(reader: Reader) -> Tree:
    tree = _part(reader)
    if reader.next in ("+", "-"):
        return (reader.take(), tree, _part(reader))
    return tree


def _part(reader: Reader) -> Tree:
    if reader.next != "if_not_exists":
        return _term(reader)
    reader.take()
    reader.take("(")
    known = _term(reader)
    reader.take(",")
    tree = ("if_not_exists", known, _term(reader))
    reader.take(")")
    return tree
