"""A member's own file and sheet: they hold what the page says, compute to it anew, and name nobody else."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.earnings.month_end import closing
from chalicelib.earnings.month_file.member import write_member
from chalicelib.earnings.papers import dues_file, dues_shown
from chalicelib.earnings.papers.dues_shown import DuesShown
from chalicelib.earnings.papers.prints.dues_sheet import GONE
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.forward import BroughtForward
from chalicelib.earnings.rules.month import FrozenMonth, Story
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import Engagement, MemberId, PartnerId, Reading, Reads, StoryId
from chalicelib.earnings.rules.split import Member
from chalicelib.earnings.shapes.dues import dues_out
from chalicelib.engagement.records import keep_mark
from chalicelib.engagement.rules import Applause, Mark
from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import NotFound
from infra.recompute.__main__ import main
from tests.earnings.a_month import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    NOVEMBER,
    Cast,
    a_card,
    a_cast,
    a_november,
    a_payment,
    reads_it,
)

DECEMBER = NOVEMBER.replace(month=12)
MID_DECEMBER = DECEMBER + timedelta(days=14)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def cast(aws: None) -> Cast:
    """Idle in November, one read in December: somebody followed, applauded, and some only opened."""
    made = a_cast()
    a_november(made)
    a_payment(made.ana, month=DECEMBER)
    reads_it(made.ana, made.tide, seconds=200, at=MID_DECEMBER, follower=True)
    reads_it(made.ana, made.fog, seconds=61, at=MID_DECEMBER + timedelta(hours=1))
    reads_it(made.ana, a_card(made.tom), seconds=5, at=MID_DECEMBER + timedelta(hours=2))
    at = clock.rfc3339(MID_DECEMBER)
    keep_mark(Mark(made.fog.id, at, ""), Applause(made.fog.id, "00", made.ana, 3, at, at, 1))
    return made


@pytest.fixture
def waiting(cast: Cast) -> Cast:
    """The same, after a November that somebody else did not read."""
    a_payment(cast.maren)
    a_payment(cast.maren, month=DECEMBER)
    reads_it(cast.maren, cast.fog, seconds=90, at=MID_DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    return cast


def shown(member: str, month: str = "2026-12") -> DuesShown:
    return dues_shown.dues_of(member, month, AFTER_DECEMBER)


def written(member: str, month: str = "2026-12") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dues_file.file_of(member, month, AFTER_DECEMBER))
    return found


def recompute(file: dict[str, Any] | bytes, folder: Path, capsys: Capture) -> tuple[int, dict[str, Any], str]:
    """Its status, what it prints, and what it names."""
    path = folder / "dues.json"
    path.write_bytes(file if isinstance(file, bytes) else json.dumps(file).encode())
    status = main([str(path)])
    printed = capsys.readouterr()
    return status, json.loads(printed.out) if printed.out else {}, printed.err


@pytest.mark.parametrize("who", ["ana", "maren", "ben"])
def test_computed_anew_it_is_what_the_page_says(
    waiting: Cast, tmp_path: Path, capsys: Capture, who: str
) -> None:
    """Reading, following, applause; what waited since November; and, of who left, the commons."""
    member, month = getattr(waiting, who), "2026-11" if who == "ben" else "2026-12"
    page = dues_out(shown(member, month))
    status, found, _ = recompute(written(member, month), tmp_path, capsys)
    assert status == 0
    for name in ("dues", "platform", "own", "carried_in", "pool", "carried_out", "commons", "ended"):
        assert found[f"{name}_micros"] == getattr(page, f"{name}_micros"), name
    assert [each["micros"] for each in found["waits"]] == [each.micros for each in page.waits]
    assert set(found["stories"]) == {each.story for each in page.stories}
    for each in page.stories:
        told = found["stories"][each.story]
        assert (told["micros"], told["points"]) == (each.micros, each.points)
        assert told["by_cause"] == {
            name: getattr(each.by_cause, f"{name}_micros", getattr(each.by_cause, name, None))
            for name in told["by_cause"]
        }
    assert sum(found["writers"].values()) == page.pool_micros


def test_each_cause_is_in_it(waiting: Cast) -> None:
    said = written(waiting.ana)["said"]
    assert said["stories"][waiting.tide.id]["by_cause"]["follower_bonus"] > 0
    assert said["stories"][waiting.fog.id]["by_cause"]["engagement"] > 0
    assert written(waiting.maren)["said"]["carried_in_micros"] == 2_500_000


def test_nobody_else_is_in_it(waiting: Cast) -> None:
    text = json.dumps(written(waiting.ana))
    for other in (waiting.ben, waiting.new, waiting.ana):
        assert other not in text


def read_longest(file: Any) -> Any:
    return max(file["stories"], key=lambda each: each["seconds"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: read_longest(f).update(seconds=30), "said.stories."),
        (lambda f: f["said"].update(pool_micros=f["said"]["pool_micros"] + 1), "said.pool_micros"),
        (lambda f: f["dues_micros"].update(member=1), "said.dues_micros"),
        (lambda f: f["said"]["waits"].append({}), "said.waits"),
    ],
)
def test_a_figure_that_was_changed_is_named(
    waiting: Cast, tmp_path: Path, capsys: Capture, change: Any, named: str
) -> None:
    file = written(waiting.ana)
    change(file)
    status, found, names = recompute(file, tmp_path, capsys)
    assert (status, found) == (1, {})
    assert named in names


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda f: f["stories"][1].update(seconds=90.5), "stories[1].seconds: must be a whole number"),
        (lambda f: f["stories"][0].pop("did"), "stories[0].did: is missing"),
        (lambda f: f["stories"][0].update(did=["stared"]), "stories[0].did[0]: must be one of"),
        (lambda f: f.pop("said"), "said: is missing"),
        (lambda f: f.update(carried=[{"month": "soon", "micros": 1}]), "carried[0].month: 'soon' is none"),
        (lambda f: f["policy"].update(read_floor_s=0), "policy.read_floor_s"),
        (lambda f: f.update(ended="no"), "ended: must be true or false"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_place(
    waiting: Cast, tmp_path: Path, capsys: Capture, change: Any, place: str
) -> None:
    file = written(waiting.ana)
    change(file)
    status, _, names = recompute(file, tmp_path, capsys)
    assert status == 2
    assert place in names


def test_boosts_debts_and_an_end_compute_too(tmp_path: Path, capsys: Capture) -> None:
    """What the site does not have yet, the file can hold."""
    anna, one = MemberId("anna"), StoryId("s1")
    shares = {PartnerId("p1"): 3_333, PartnerId("p2"): 6_667}
    readings = [
        Reading(anna, one, date(2026, 11, day), 300, 200, follower=True, boosted=True) for day in (3, 9)
    ]
    frozen = FrozenMonth(
        "2026-11",
        "usd",
        EarningsPolicy(),
        [Member(anna, {"member": 5_000_001, "friend": -20}, 700_000)],
        {one: Story(one, PartnerId("p1"), shares)},
        Reads(readings, [Engagement(anna, one, "follow"), Engagement(anna, one, "response")]),
    )
    carried = {anna: (CarriedPart("2025-10", 600_000), CarriedPart("2026-10", 100_000))}
    body = write_member(frozen, BroughtForward(1, carried, (), (), (anna,)))
    status, found, _ = recompute(body, tmp_path, capsys)
    assert status == 0
    assert min(found["stories"]["s1"]["by_cause"].values()) > 0
    assert sum(found["writers"].values()) == found["pool_micros"] == 3_199_986


def test_before_the_close_there_is_none(cast: Cast) -> None:
    with pytest.raises(NotFound, match="not closed"):
        dues_file.file_of(cast.ana, "2026-12", MID_DECEMBER)
    with pytest.raises(NotFound, match="not closed"):
        dues_file.csv_of(cast.ana, "2026-12", MID_DECEMBER)
    with pytest.raises(NotFound, match="Nothing of yours"):
        dues_file.file_of(ids.new(), "2026-12", MID_DECEMBER)


def test_the_sheet_has_a_row_for_each_story_and_an_account_that_adds_up(waiting: Cast) -> None:
    sheet = dues_file.csv_of(waiting.maren, "2026-12", AFTER_DECEMBER)
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    stories = [each for each in rows if each["row"] == "story"]
    account = [int(each["amount_micros"]) for each in rows if each["row"] == "account"]
    assert [(each["story"], each["title"]) for each in stories] == [(waiting.fog.id, GONE)]
    assert sum(account[:-1]) == account[-1]
    assert sum(int(each["amount_micros"]) for each in stories) == shown(waiting.maren).split.pool_micros
