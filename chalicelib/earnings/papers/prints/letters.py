"""Text as it is drawn: letters that join in their joined forms, and what runs from the right in that order.

A PDF draws glyphs from left to right, as they are given. Vowel signs of the scripts that run from the right
are left out where text is drawn; what is read aloud or copied is the text itself, which goes along untouched.
"""

import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import groupby

LACKS = "□"
"""Drawn for a letter that the typeface lacks."""
JOINED = (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEFD))
"""Where Unicode keeps the forms of Arabic's letters, and of lam with alef."""
STRETCH = "\u0640"
RIGHT = frozenset({"R", "AL"})
NUMBERS = frozenset({"EN", "AN", "ES", "CS"})
PAIRS = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


def drawn(text: str, has: Callable[[str], bool]) -> str:
    """The signs to draw, from left to right; `has` says whether the typeface has one."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    shown = "".join(sign for sign in composed if unicodedata.category(sign) not in ("Cf", "Cc"))
    if any(unicodedata.bidirectional(sign) in RIGHT for sign in shown):
        shown = _turned(_joined("".join(sign for sign in shown if not _is_vowel_sign(sign))))
    return "".join(sign if has(sign) else LACKS for sign in shown)


def _is_vowel_sign(sign: str) -> bool:
    return unicodedata.category(sign) == "Mn" and "\u0590" <= sign <= "\u08ff"


def _joined(text: str) -> str:
    """Arabic's letters in the form that their neighbours ask for; any other sign as it is."""
    forms, signs, out = _forms(), _ligated(text), []
    for at, sign in enumerate(signs):
        before = at > 0 and _joins_on(signs[at - 1]) and _joins_back(sign)
        after = at + 1 < len(signs) and _joins_on(sign) and _joins_back(signs[at + 1])
        form = {(True, True): "medial", (True, False): "final", (False, True): "initial"}
        out.append(forms.get((sign, form.get((before, after), "isolated")), sign[0]))
    return "".join(out)


def _ligated(text: str) -> list[str]:
    """Signs one by one, lam with alef as one."""
    signs: list[str] = []
    for sign in text:
        if signs and (signs[-1] + sign, "isolated") in _forms():
            signs[-1] += sign
        else:
            signs.append(sign)
    return signs


def _joins_on(sign: str) -> bool:
    return sign == STRETCH or (sign, "initial") in _forms()


def _joins_back(sign: str) -> bool:
    return sign == STRETCH or (sign, "final") in _forms()


def _turned(text: str) -> str:
    """Each stretch that runs from the right turned round, and all of them where the text begins so."""
    strong = (unicodedata.bidirectional(sign) for sign in text)
    from_right = next((way in RIGHT for way in strong if way in RIGHT or way == "L"), False)
    runs = ["".join(_reversed(run)) if turns else run for run, turns in _runs(text, from_right)]
    return "".join(reversed(runs) if from_right else runs)


def _runs(text: str, from_right: bool) -> list[tuple[str, bool]]:
    """Stretches, and whether each runs from the right; what has no way of its own goes with its like."""
    runs: list[tuple[str, bool]] = []
    before, waiting = from_right, ""
    for sign in text:
        way = unicodedata.bidirectional(sign)
        turns = way in RIGHT or (before and way in NUMBERS)
        if turns or way == "L":
            runs += [(waiting, before if before == turns else from_right), (sign, turns)]
            before, waiting = turns, ""
        else:
            waiting += sign
    runs.append((waiting, from_right))
    merged = groupby((run for run in runs if run[0]), key=lambda run: run[1])
    return [("".join(part for part, _ in parts), turns) for turns, parts in merged]


def _reversed(run: str) -> list[str]:
    parts: list[str] = []
    for is_number, signs in groupby(run, key=lambda sign: unicodedata.bidirectional(sign) in ("EN", "AN")):
        found = list(signs)
        parts[:0] = found if is_number else [PAIRS.get(sign, sign) for sign in reversed(found)]
    return parts


@cache
def _forms() -> dict[tuple[str, str], str]:
    """By letters and form, the sign that is drawn, as Unicode's own table has it."""
    found: dict[tuple[str, str], str] = {}
    for code in JOINED:
        form, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if letters:
            found["".join(chr(int(each, 16)) for each in letters), form.strip("<>")] = chr(code)
    return found
