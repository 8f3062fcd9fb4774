"""Every way in which a month's file can be wrong, each with the place that is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.earnings.month_file.columnar import GivesWay, compute_file
from infra.recompute.__main__ import main
from tests.infra.test_recompute import EXAMPLE, an_example

Change = Callable[[dict[str, Any]], None]

WHOLE = json.dumps(EXAMPLE)
LISTS = ("members", "stories", "readings", "engagements")

# Where, and what stands there instead.
VALUES: list[tuple[str, Any]] = [
    ("month", "2026-13"),
    ("month", "2026-00"),
    ("month", "0000-01"),
    ("month", "2026-1"),
    ("month", "2026-11-01"),
    ("month", "2026-11\n"),
    ("month", "２０２６-11"),
    ("month", 202611),
    ("month", None),
    ("currency", "USD"),
    ("currency", "us"),
    ("currency", "dollar"),
    ("currency", "uß1"),
    ("currency", 840),
    ("policy", []),
    ("policy", "default"),
    ("policy.partner_share_bps", 5000),
    ("policy.partner_share_bps.member", 10001),
    ("policy.partner_share_bps.friend", -1),
    ("policy.partner_share_bps.friend", 0.5),
    ("policy.read_floor_s", 0),
    ("policy.read_cap_bps", 9999),
    ("policy.read_ratio_floor_bps", 0),
    ("policy.read_ratio_floor_bps", 10001),
    ("policy.follower_bonus_bps", -1),
    ("policy.boost_bonus_bps", "5000"),
    ("policy.applause_bps", True),
    ("policy.highlight_bps", None),
    ("policy.response_bps", -1),
    ("policy.follow_bps", [1]),
    ("policy.minimum_payout_minor", -1),
    ("policy.grace_hours", {}),
    ("policy.hold_days", 60.0),
    ("policy.carry_months", 0),
    ("members", {}),
    ("members", "m1"),
    ("members[0]", "m1"),
    ("members[0].id", ""),
    ("members[0].id", 1),
    ("members[1].id", "m1"),
    ("members[0].dues_micros", 5000000),
    ("members[0].dues_micros", [5000000]),
    ("members[0].dues_micros.member", 5.0),
    ("members[0].dues_micros.friend", False),
    ("members[0].carried_micros", "0"),
    ("members[0].carried_micros", 1e3),
    ("members[0].carried_micros", float("nan")),
    ("members[0].carried_micros", float("inf")),
    ("members[0].carried_micros", 10**1000),
    ("stories", None),
    ("stories[0]", []),
    ("stories[0].id", ""),
    ("stories[0].id", ["s1"]),
    ("stories[0].author", ""),
    ("stories[0].author", None),
    ("stories[0].shares_bps", {}),
    ("stories[0].shares_bps", {"p1": 9999}),
    ("stories[0].shares_bps", {"p1": 5000, "p2": 5001}),
    ("stories[0].shares_bps", {"": 10000}),
    ("stories[0].shares_bps", [10000]),
    ("stories[0].shares_bps.p1", 0),
    ("stories[0].shares_bps.p1", -1),
    ("stories[0].shares_bps.p1", 10000.0),
    ("stories[0].shares_bps.p1", True),
    ("readings", True),
    ("readings[0]", 7),
    ("readings[0].member", "m9"),
    ("readings[0].member", ""),
    ("readings[0].member", 1),
    ("readings[0].story", "s9"),
    ("readings[0].story", {}),
    ("readings[0].day", "2026-12-01"),
    ("readings[0].day", "2026-11-31"),
    ("readings[0].day", "2026-11-3"),
    ("readings[0].day", "2026-11-03T00:00"),
    ("readings[0].day", 3),
    ("readings[0].seconds", 0),
    ("readings[0].seconds", -1),
    ("readings[0].seconds", 86401),
    ("readings[0].seconds", 73.0),
    ("readings[0].seconds", True),
    ("readings[0].seconds", None),
    ("readings[0].expected_s", 9),
    ("readings[0].expected_s", "240"),
    ("readings[0].follower", 0),
    ("readings[0].follower", "false"),
    ("readings[0].boosted", None),
    ("readings[0].boosted", 1),
    ("engagements", 1),
    ("engagements[0]", "applause"),
    ("engagements[0].kind", "clap"),
    ("engagements[0].kind", True),
    ("engagements[0].member", "m9"),
    ("engagements[0].story", "s9"),
]

HOLDERS = ["", "policy", "policy.partner_share_bps", *(f"{name}[0]" for name in LISTS)]


def refusal_of(text: str | bytes, at: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file = at / "month.json"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    status = main([str(file)])
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, ""), printed
    with file.open("rb") as source, pytest.raises(GivesWay):
        compute_file(source)
    return printed.err


def _holder(file: dict[str, Any], place: str) -> tuple[Any, str | int]:
    """What holds the value of a place such as `readings[0].seconds`, and under which key."""
    steps = [
        int(step) if step.isdigit() else step for step in place.replace("[", ".").replace("]", "").split(".")
    ]
    found: Any = file
    for step in steps[:-1]:
        found = found[step]
    return found, steps[-1]


def _at(file: dict[str, Any], place: str) -> dict[str, Any]:
    if not place:
        return file
    holder, key = _holder(file, place)
    found: dict[str, Any] = holder[key]
    return found


@pytest.mark.parametrize(("place", "value"), VALUES)
def test_a_wrong_value_is_refused_by_its_place(
    place: str, value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = an_example()
    holder, key = _holder(file, place)
    holder[key] = value
    assert refusal_of(json.dumps(file), tmp_path, capsys).startswith(f"{place}: ")


KEYS = [(holder, key) for holder in HOLDERS for key in _at(an_example(), holder)]


@pytest.mark.parametrize(("holder", "key"), KEYS)
def test_a_missing_key_is_named(
    holder: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = an_example()
    del _at(file, holder)[key]
    place = f"{holder}.{key}".strip(".")
    assert refusal_of(json.dumps(file), tmp_path, capsys) == f"{place}: is missing.\n"


@pytest.mark.parametrize("holder", HOLDERS)
def test_an_unknown_key_is_named(holder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = an_example()
    _at(file, holder)["extra"] = 1
    place = f"{holder}.extra".strip(".")
    assert refusal_of(json.dumps(file), tmp_path, capsys).startswith(f"{place}: ")


def test_an_unknown_tier_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = an_example()
    file["members"][1]["dues_micros"]["patron"] = 0
    assert refusal_of(json.dumps(file), tmp_path, capsys).startswith("members[1].dues_micros.patron: ")


REPEATED = [
    ("month", WHOLE.replace('{"month"', '{"month": "2026-11", "month"')),
    ("readings", WHOLE[:-1] + ', "readings": []}'),
    ("policy.read_floor_s", WHOLE.replace('"read_floor_s"', '"read_floor_s": 30, "read_floor_s"')),
    ("policy.partner_share_bps.friend", WHOLE.replace('"friend": 6667', '"friend": 1, "friend": 6667')),
    ("members[0].id", WHOLE.replace('"id": "m1"', '"id": "m1", "id": "m1"')),
    ("members[0].dues_micros.friend", WHOLE.replace('"friend": 0', '"friend": 0, "\\u0066riend": 0')),
    ("stories[0].shares_bps.p1", WHOLE.replace('"p1": 10000', '"p1": 1, "p1": 9999')),
    ("readings[0].seconds", WHOLE.replace('"seconds": 73', '"seconds": 73, "seconds": 73')),
    ("engagements[0].kind", WHOLE.replace('"kind"', '"kind": "follow", "kind"')),
]


@pytest.mark.parametrize(("place", "text"), REPEATED)
def test_a_repeated_key_is_named(
    place: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal_of(text, tmp_path, capsys) == f"{place}: is given twice.\n"


def _twice(name: str) -> Change:
    def change(file: dict[str, Any]) -> None:
        file[name].append(dict(file[name][0]))

    return change


def _reads_as(member: str) -> Change:
    def change(file: dict[str, Any]) -> None:
        file["members"].append({"id": member, "dues_micros": {}, "carried_micros": 0})
        file["stories"][0]["shares_bps"] = {"p2": 10000}
        file["readings"][0]["member"] = member

    return change


CHANGES: list[tuple[str, Change]] = [
    ("members[2].id", _twice("members")),
    ("stories[1].id", _twice("stories")),
    ("readings[1]", _twice("readings")),
    ("readings[0].member", _reads_as("p1")),
    ("readings[0].member", _reads_as("p2")),
]


@pytest.mark.parametrize(("place", "change"), CHANGES)
def test_what_contradicts_itself_is_refused(
    place: str, change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = an_example()
    change(file)
    assert refusal_of(json.dumps(file), tmp_path, capsys).startswith(f"{place}: ")


@pytest.mark.parametrize(("place", "change"), CHANGES)
def test_the_order_of_keys_saves_nobody(
    place: str, change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = an_example()
    change(file)
    backwards = json.dumps(dict(reversed(file.items())))
    assert refusal_of(backwards, tmp_path, capsys).startswith(f"{place}: ")


TEXTS: list[tuple[str, str | bytes]] = [
    ("file", ""),
    ("file", "   "),
    ("file", "[]"),
    ("file", "null"),
    ("file", "{"),
    ("file", "{'month': 1}"),
    ("file", WHOLE + "x"),
    ("file", WHOLE + WHOLE),
    ("file", b"\xef\xbb\xbf" + WHOLE.encode()),
    ("file", WHOLE.encode("utf-16")),
    ("file", b"\x1f\x8b" + WHOLE.encode()),
    ("file", WHOLE[:-1] + ",}"),
    ("month", '{"month"'),
    ("month", '{"month": }'),
    ("month", '{"month": "2026-11'),
    ("month", WHOLE.replace('"2026-11"', '"2026-11\t"')),
    ("file", WHOLE[:-1]),
    ("engagements", WHOLE[:-2]),
    ("engagements[0]", WHOLE[:-3]),
    ("readings[0]", WHOLE.replace('"seconds": 73,', '"seconds": 73')),
    ("readings[0]", WHOLE.replace("73", "0x49")),
    ("readings[0]", WHOLE.replace("73", "073")),
    ("readings[0]", WHOLE.replace("73", "+73")),
    ("readings[0].seconds", WHOLE.replace("73", "NaN")),
    ("readings[0].seconds", WHOLE.replace("73", "-Infinity")),
    ("readings[0].seconds", WHOLE.replace("73", "73e0")),
    ("readings[0].seconds", WHOLE.replace("73", "9" * 5000)),
    ("members[0]", WHOLE.replace('"members": [', '"members": [,')),
    ("members[0]", WHOLE.replace('"members": [', '"members": ' + "[" * 200_000)),
    ("members[0].id", WHOLE.replace('"m1"', '"\\ud800"')),
    ("stories[0].shares_bps", WHOLE.replace('"p1": 10000', '"\\udc00": 10000')),
]


@pytest.mark.parametrize(("place", "text"), TEXTS)
def test_what_is_not_json_or_not_utf_8_is_refused_where_it_goes_wrong(
    place: str, text: str | bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal_of(text, tmp_path, capsys).startswith(f"{place}: ")


def test_a_byte_that_is_no_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not UTF-8" in refusal_of(WHOLE.encode().replace(b"m1", b"m\xff"), tmp_path, capsys)


def test_more_than_sixty_wrong_files_are_tried() -> None:
    assert len(VALUES) + len(KEYS) + len(REPEATED) + len(TEXTS) > 130
