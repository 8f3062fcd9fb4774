"""A partner's own file: every figure follows from its lines, and whatever does not is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.earnings.month_file.partner import FEW_READERS, PartnerLine, PartnerStory, write_partner
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.policy import EarningsPolicy
from infra.recompute.__main__ import main
from tests.earnings.builders import a_reading, a_story, did, some_inputs

HEAD = {
    "month": "2026-11",
    "currency": "usd",
    "partner": "p1",
    "policy": EarningsPolicy().as_fields(),
}


def a_partners_file() -> dict[str, Any]:
    """Two stories of p1's: s1 with seven readers, some of whom read another's too; s2 with two."""
    readings = [a_reading(f"m{n}", "s1", seconds=40 + 37 * n, follower=n % 2) for n in range(7)]
    readings += [a_reading(f"m{n}", "s2", seconds=55 + n, boosted=1) for n in range(2)]
    readings += [a_reading(f"m{n}", "s3", seconds=90) for n in range(4)]
    inputs = some_inputs(
        *readings, stories=[a_story("s3", by="p2")], engagements=[did("applause", "m1"), did("follow", "m3")]
    )
    computed = compute(inputs.frozen())
    mine = [story for story in computed.totals.stories.values() if "p1" in story.parts]
    stories = [
        PartnerStory(each.id, each.qualified, each.seconds, each.points, each.micros, each.parts["p1"])  # type: ignore[index]
        for each in mine
    ]
    told = {story.id for story in stories if story.is_told}
    lines = [
        PartnerLine(number, month.pool_micros, given.read, given.points, month.total_points, given.micros)
        for number, month in enumerate(computed.members.values())
        for given in month.given
        if given.read.story in told
    ]
    file: dict[str, Any] = json.loads(b"".join(write_partner(HEAD, stories, lines)))
    return file


def run(
    file: dict[str, Any] | str, at: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any], str]:
    path = at / "mine.json"
    path.write_text(file if isinstance(file, str) else json.dumps(file))
    status = main([str(path)])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else {}, said.err


def test_a_partner_recomputes_a_month_from_the_download(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_partners_file()
    status, result, said = run(file, tmp_path, capsys)
    assert (status, said) == (0, "")
    assert result["kind"] == "partner"
    assert result["lines"] == 7
    assert result["untold"] == 1
    assert result["earned_micros"] == sum(story["part_micros"] for story in file["stories"]) > 0


def test_the_file_says_nothing_of_days_or_kinds_and_nothing_of_a_few_readers() -> None:
    file = a_partners_file()
    assert {"day", "kind", "kinds"} & {key for line in file["lines"] for key in line} == set()
    assert {line["story"] for line in file["lines"]} == {"s1"}
    assert [story["id"] for story in file["stories"] if story["readers"] < FEW_READERS] == ["s2"]


LIES: list[tuple[str, int | bool]] = [
    ("points", 1), ("micros", 5), ("pool_micros", 4_000_000), ("seconds", 1), ("expected_s", -230),
    ("engagement_bps", 500), ("follower", True), ("boosted", True), ("opened", 1), ("total_points", -4),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more"), LIES)
def test_any_figure_of_a_line_that_is_not_true_is_found(
    name: str, more: int | bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_partners_file()
    line = next(each for each in file["lines"] if not each["follower"])
    line[name] = (not line[name]) if isinstance(more, bool) else line[name] + more
    status, result, said = run(file, tmp_path, capsys)
    assert (status, result) == (1, {})
    assert f"lines[{file['lines'].index(line)}]" in said or "s1: the lines'" in said


@pytest.mark.parametrize("name", ["readers", "seconds", "points", "micros"])
def test_a_storys_sum_that_is_not_its_lines_is_found(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_partners_file()
    file["stories"][0][name] += 1
    status, _, said = run(file, tmp_path, capsys)
    assert status == 1
    assert f"s1: the lines' {name} sum to" in said


def test_a_line_left_out_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_partners_file()
    del file["lines"][3]
    assert "the lines' readers sum to 6, not 7" in run(file, tmp_path, capsys)[2]
    file["lines"] = []
    assert "s1: has 7 readers and no lines" in run(file, tmp_path, capsys)[2]


def _change(where: str, key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        (file if not where else file[where][0])[key] = value

    return change


WRONG: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_change("", "kind", "reader"), "kind: 'reader' is none."),
    (_change("", "month", "2026-13"), "month:"),
    (_change("", "currency", "US"), "currency:"),
    (_change("", "partner", ""), "partner:"),
    (_change("", "policy", {}), "policy."),
    (_change("", "more", 1), "more: is not a key"),
    (_change("lines", "seconds", 5.0), "lines[0].seconds: must be a whole number"),
    (_change("lines", "opened", 0), "lines[0].opened: must be at least 1"),
    (_change("lines", "total_points", 0), "lines[0].total_points: must be at least 1"),
    (_change("lines", "story", "s9"), "lines: s9 is not among the stories"),
    (_change("lines", "follower", 1), "lines[0].follower: must be true or false"),
    (_change("lines", "day", "2026-11-03"), "lines[0].day: is not a key"),
    (_change("stories", "readers", -1), "stories[0].readers: must be at least 0"),
    (_change("stories", "id", ""), "stories[0].id: must not be empty"),
]


@pytest.mark.parametrize(("change", "why"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_wrong_file_is_refused_by_its_place(
    change: Callable[[dict[str, Any]], None],
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = a_partners_file()
    change(file)
    status, _, said = run(file, tmp_path, capsys)
    assert status == 2
    assert why in said


def test_a_line_twice_or_a_missing_part_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_partners_file()
    file["lines"].append(file["lines"][0])
    assert run(file, tmp_path, capsys)[0] == 2
    for name in ("stories", "lines", "policy", "month"):
        less = {key: value for key, value in a_partners_file().items() if key != name}
        assert run(less, tmp_path, capsys)[0] == 2
