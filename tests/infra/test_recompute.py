"""A month's file recomputed by anybody: the result to the micro, and what is wrong with a wrong file."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from chalicelib.earnings.month_file.json_stream import CHUNK_BYTES
from chalicelib.earnings.month_file.writing import write_month
from chalicelib.earnings.rules.month import compute_totals
from chalicelib.earnings.rules.policy import EarningsPolicy
from infra.recompute.__main__ import main, recompute
from tests.earnings.builders import a_member, a_reading, did, some_inputs

EXAMPLE: dict[str, Any] = {
    "month": "2026-11",
    "currency": "usd",
    "policy": EarningsPolicy().as_fields(),
    "members": [
        {"id": "m1", "dues_micros": {"member": 5000000, "friend": 0}, "carried_micros": 8000000},
        {"id": "m2", "dues_micros": {"friend": 15000000}, "carried_micros": 7},
    ],
    "stories": [{"id": "s1", "author": "p1", "shares_bps": {"p1": 10000}}],
    "readings": [
        {
            "member": "m1",
            "story": "s1",
            "day": "2026-11-03",
            "seconds": 73,
            "expected_s": 240,
            "follower": False,
            "boosted": True,
        }
    ],
    "engagements": [{"member": "m1", "story": "s1", "kind": "applause"}],
}
RESULT = {
    "month": "2026-11",
    "dues_micros": 20000000,
    "own_micros": 12500500,
    "platform_micros": 7499500,
    "carried_in_micros": 8000007,
    "carried": {"m1": 5500000, "m2": 10000507},
    "stories": {
        "s1": {
            "micros": 5000000,
            "points": 1204500,
            "opened": 1,
            "qualified": 1,
            "by_cause": {
                "reading": 3030304,
                "engagement": 303030,
                "follower_bonus": 0,
                "boost_bonus": 1666666,
            },
        }
    },
    "partners": {"p1": 5000000},
}


def an_example() -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(EXAMPLE))
    return copy


def result_of(file: dict[str, Any]) -> dict[str, object]:
    return recompute(BytesIO(json.dumps(file).encode()))


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "infra.recompute", *arguments]
    return subprocess.run(command, input=given, capture_output=True, timeout=60)


def test_the_example_gives_the_example_with_its_keys_sorted(tmp_path: Path) -> None:
    file = tmp_path / "month.json"
    file.write_text(json.dumps(EXAMPLE))
    ran = run(str(file))
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout) == RESULT
    assert ran.stdout.decode().strip() == json.dumps(RESULT, sort_keys=True)


def test_a_pipe_will_do_even_when_the_readings_come_first() -> None:
    backwards = dict(reversed(an_example().items()))
    ran = run("/dev/stdin", given=json.dumps(backwards).encode())
    assert json.loads(ran.stdout) == RESULT


def test_a_wrong_file_is_refused_with_the_place_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "month.json"
    file.write_text(json.dumps(EXAMPLE).replace("73", "5.0"))
    ran = run(str(file))
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr == b"readings[0].seconds: must be a whole number, not 5.0.\n"


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json: No such file" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err


def test_another_files_text_reaches_the_terminal_without_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "month.json"
    file.write_text('{"\\u001b[2J' + "x" * 5000 + '": 1}')
    assert main([str(file)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("?[2Jxxx")
    assert len(said) < 600


def test_ids_may_be_any_text_and_nobody_may_be_there_at_all() -> None:
    empty = an_example() | {"members": [], "stories": [], "readings": [], "engagements": []}
    assert result_of(empty)["partners"] == {}
    odd = json.dumps(EXAMPLE).replace('"s1"', '"\\ud83d\\udd8b \\n é"')
    assert list(recompute(BytesIO(odd.encode()))["stories"]) == ["\U0001f58b \n é"]  # type: ignore[call-overload]


def test_repeated_engagements_and_engagements_without_a_reading_are_no_fault() -> None:
    file = an_example()
    file["engagements"] += [
        {"member": "m1", "story": "s1", "kind": "applause"},
        {"member": "m2", "story": "s1", "kind": "follow"},
    ]
    assert result_of(file) == RESULT


def test_a_month_longer_than_a_chunk_is_read_piece_by_piece() -> None:
    readings = [a_reading(f"é{number}", day=1 + number % 30) for number in range(10_000)]
    inputs = some_inputs(*readings, engagements=[did("follow", "é7")])
    written = b"".join(write_month(inputs))
    assert len(written) > 2 * CHUNK_BYTES
    totals = compute_totals(inputs.frozen())
    assert recompute(BytesIO(written))["partners"] == totals.partners == {"p1": 10_000 * 2_500_000}
    for bytes_at_once in (1, 7, 4096):
        few = b"".join(write_month(some_inputs(*readings[:20])))
        assert recompute(_Trickle(few, bytes_at_once)) == recompute(BytesIO(few))


def test_a_month_is_written_as_the_same_bytes_in_whatever_order_it_was_gathered() -> None:
    readings = [a_reading("m1"), a_reading("m2", day=9), a_reading("m2", day=4)]
    acts = [did("applause"), did("follow", "m2"), did("applause")]
    members = [a_member("m1"), a_member("m2")]
    one = some_inputs(*readings, members=members, engagements=acts)
    other = some_inputs(*reversed(readings), members=reversed(members), engagements=reversed(acts))
    assert b"".join(write_month(one)) == b"".join(write_month(other))


class _Trickle(BytesIO):
    """A source that gives few bytes at a time, in the midst of characters too."""

    def __init__(self, content: bytes, bytes_at_once: int) -> None:
        super().__init__(content)
        self._bytes_at_once = bytes_at_once

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._bytes_at_once)
