"""What dues.html is given: one member's month in words, figures, and one strip."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.earnings.papers.dues_shown import DuesShown, StoryShown
from chalicelib.earnings.papers.prints import dues_sheet
from chalicelib.stories import service as stories_service
from chalicelib.stories.rules import StoryCard
from chalicelib.web import filters

Cards = Mapping[str, StoryCard]
DID = {"applause": "applauded", "highlight": "highlighted", "response": "responded", "follow": "followed"}
CAUSES = {
    "reading": "Reading",
    "engagement": "What you did",
    "follower_bonus": "You follow the writer",
    "boost_bonus": "It was boosted",
}
TEN_THOUSANDTHS = 10_000  # a strip's parts, in hundredths of a percent
GAP, LETTER = 25, 140
NAMED_FROM = 2_000  # a part of a strip that is wide enough for a name


def months(listed: Sequence[str], shown: str) -> list[dict[str, Any]]:
    return [
        {"month": month, "url": f"/membership/dues/{month}", "current": month == shown} for month in listed
    ]


def account(found: DuesShown) -> dict[str, Any]:
    """The member's month from what fell due to what waits on; each sum is that of the lines above it."""
    return {
        "due": [_line(*each) for each in dues_sheet.due(found)],
        "sum": found.split.own_micros + found.split.carried_in_micros,
        "went": [_line(*each) for each in dues_sheet.went(found)],
        "left": dues_sheet.left(found),
    }


def waits(found: DuesShown) -> list[dict[str, Any]]:
    return [{"since": each.since, "micros": each.micros, "until": each.until} for each in found.waits]


def writers(shown: Sequence[StoryShown], cards: Cards) -> list[dict[str, Any]]:
    """Who got something, by what they got together."""
    sums: dict[str, dict[str, Any]] = {}
    for each in shown:
        writer = sums.setdefault(each.author, {"micros": 0, **_writer(cards.get(each.story))})
        writer["micros"] += each.given.micros
        if not writer["name"]:
            writer |= _writer(cards.get(each.story))
    named = [each | {"name": each["name"] or "Somebody who has left"} for each in sums.values()]
    return sorted((each for each in named if each["micros"]), key=lambda each: -each["micros"])


def strip(found: DuesShown, by_writer: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parts of one strip, in hundredths of a percent; none where something is owed."""
    ink = "f1" if found.is_closed else "fp"
    parts = [(each["name"], each["micros"], ink) for each in by_writer]
    parts.append(("Waiting", sum(each.micros for each in found.waits), "fp"))
    parts += [("Commons", found.carried_out.commons, "f2"), ("The site", found.platform_micros, "f5")]
    whole, so_far, made = sum(micros for _, micros, _ in parts), 0, []
    if whole <= 0 or any(micros < 0 for _, micros, _ in parts):
        return []
    for number, (name, micros, style) in enumerate(parts):
        start, end = (at * TEN_THOUSANDTHS // whole for at in (so_far, so_far + micros))
        so_far += micros
        if end - start > GAP:
            made.append(_part(name, start, end - start - GAP, style=style, is_writer=number < len(by_writer)))
    return made


def stories(shown: Sequence[StoryShown], cards: Cards, *, most: int) -> dict[str, Any]:
    rest = shown[most:]
    return {
        "rows": [_row(each, cards) for each in shown[:most]],
        "more": len(rest),
        "more_micros": sum(each.given.micros for each in rest),
    }


def causes(found: DuesShown) -> list[dict[str, Any]]:
    """Those that brought anything; reading always."""
    sums = {name: sum(getattr(each.causes, name) for each in found.stories) for name in CAUSES}
    shown = [name for name in CAUSES if sums[name] or name == "reading"]
    return [{"name": name, "says": CAUSES[name], "micros": sums[name]} for name in shown]


def story_link(story: str, cards: Cards) -> dict[str, str]:
    card = cards.get(story)
    if card is None or not stories_service.is_visible(card):
        return {"title": dues_sheet.GONE, "url": "", "writer": ""}
    return {"title": card.title, "url": card.path, "writer": card.author.name or f"@{card.author.handle}"}


def _part(name: str, start: int, wide: int, *, style: str, is_writer: bool) -> dict[str, Any]:
    is_named = wide >= NAMED_FROM and wide > len(name) * LETTER
    return {
        "x": _percent(start),
        "width": _percent(wide),
        "text_x": _percent(start + 100),
        "style": style,
        "is_writer": is_writer,
        "name": name if is_named else "",
    }


def _row(shown: StoryShown, cards: Cards) -> dict[str, Any]:
    read = shown.given.read
    return {
        **story_link(shown.story, cards),
        "read": filters.duration(read.seconds),
        "did": ", ".join(DID[kind] for kind in shown.did),
        "ratio": f"read {read.qualified} of {read.opened} opened" if read.qualified < read.opened else "",
        "micros": shown.given.micros,
        **{name: getattr(shown.causes, name) for name in CAUSES},
    }


def _writer(card: StoryCard | None) -> dict[str, str]:
    if card is None or not card.author.handle:
        return {"name": "", "url": ""}
    return {"name": card.author.name or f"@{card.author.handle}", "url": f"/@{card.author.handle}"}


def _line(says: str, micros: int) -> dict[str, Any]:
    return {"says": says, "micros": micros}


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}%"
