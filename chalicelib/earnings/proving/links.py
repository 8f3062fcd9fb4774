"""The chain: every link's hash computed anew, each joined to the one before it, none missing."""

from collections.abc import Iterable, Iterator

from chalicelib.earnings.proving.faults import Fault
from chalicelib.earnings.records import seals as records
from chalicelib.earnings.rules.seals import Head, Link

Links = dict[str, dict[int, Link]]
"""By journal, then by number."""


def name_of(link: Link) -> str:
    return f"link {link.number} of {link.month}"


def read_links(months: Iterable[str]) -> list[Link]:
    return [link for month in months for link in records.links(month)]


def by_journal(links: Iterable[Link]) -> Links:
    found: Links = {}
    for link in links:
        found.setdefault(link.journal, {})[link.number] = link
    return found


def check_links(links: Iterable[Link], head: Head) -> Iterator[Fault]:
    before = Link(0, head.began, "", 0, "", "", "", Head().root)
    for link in links:
        if link.number != before.number + 1:
            yield _missing(before.number + 1, link.number - 1)
        elif link.previous not in (before.root, _root(before)):
            yield Fault(name_of(link), "is not joined to the one before it", "", before.root, link.previous)
        if link.root != link.computed_root():
            yield Fault(name_of(link), "was changed", "", link.computed_root(), link.root)
        before = link
    if head.number > before.number:
        yield _missing(before.number + 1, head.number)
    elif head.number < before.number:
        says = "the chain's head names an older link"
        yield Fault("head of the chain", says, "", str(before.number), str(head.number))
    elif head.root not in (before.root, _root(before)):
        yield Fault("head of the chain", "is not the newest link's", "", before.root, head.root)


def _root(link: Link) -> str:
    """What its content gives: so that of a changed root only the link itself is named."""
    return link.computed_root() if link.number else link.root


def _missing(first: int, last: int) -> Fault:
    said = f"link {first}" if first >= last else f"links {first} to {last}"
    return Fault(said, "is missing" if first >= last else "are missing")
