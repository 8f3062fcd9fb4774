"""The month by columns is the month by the rules: to the micro, or not at all.

That every refusal of the rules is handed back to them is asserted beside the refusals (tests/infra).
"""

import json
import os
import secrets
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chalicelib.earnings.month_file import computing
from chalicelib.earnings.month_file.columnar import GivesWay, compute_file
from chalicelib.earnings.month_file.writing import result_of, write_month
from infra.recompute.__main__ import recompute
from tests.earnings.builders import a_reading, did, some_inputs
from tests.earnings.properties.random_months import a_random_month, shuffled
from tests.infra.test_recompute import an_example

SEED = os.environ.get("MONTHS_SEED") or secrets.token_hex(8)
COUNT = min(int(os.environ.get("MONTHS", "100")), 2000)
REPLAY = f"replay with MONTHS_SEED={SEED}"
LARGE = int(os.environ.get("LARGE_READINGS", "300000"))
GIB = 1 << 30


def by_columns(file: dict[str, Any]) -> dict[str, object]:
    return result_of(*compute_file(BytesIO(json.dumps(file, ensure_ascii=False).encode())))


def by_columns_or_not(source: BytesIO) -> dict[str, object] | None:
    found = computing.by_columns(source)
    return result_of(*found) if found else None


def by_rules(file: dict[str, Any]) -> dict[str, object]:
    return recompute(BytesIO(json.dumps(file).encode()))


def test_random_months_come_out_as_the_rules_say_to_the_micro() -> None:
    computed = 0
    for number in range(COUNT):
        random = Random(f"{SEED}/{number}")
        month = a_random_month(random)
        expected = by_rules(month)
        try:
            assert by_columns(shuffled(random, month)) == expected, (number, REPLAY)
        except GivesWay:
            continue  # numbers beyond all bounds
        computed += 1
    print(f"{computed} of {COUNT} months by columns, {REPLAY}")
    assert computed > COUNT // 4  # about half of these months have numbers beyond all bounds


@pytest.mark.parametrize(
    "text",
    [
        '"seconds": 73, "seconds": 73',
        '"seconds": 73,',
        '"seconds": 073',
        '"seconds": 73, "more": 1',
        '"seconds": 7.3e1',
        '"sec\\u006fnds": 73',
    ],
)
def test_what_a_lenient_reader_would_pass_over_is_handed_back(text: str) -> None:
    written = json.dumps(an_example()).replace('"seconds": 73', text)
    with pytest.raises(GivesWay):
        compute_file(BytesIO(written.encode()))


@pytest.mark.parametrize("odd", ["},{", "]", "}, {]", "[{", '","'])
def test_texts_that_look_like_json_mislead_nobody(odd: str) -> None:
    file = json.loads(json.dumps(an_example()).replace('"s1"', json.dumps(odd)))
    written = json.dumps(file).encode()
    found = by_columns_or_not(BytesIO(written))
    assert found in (None, by_rules(file))
    assert list(by_rules(file)["stories"]) == [odd]  # type: ignore[call-overload]


def test_a_list_that_ends_in_a_comma_is_handed_back() -> None:
    readings = [a_reading(f"m{number}", day=1 + number % 30) for number in range(20_000)]
    written = b"".join(write_month(some_inputs(*readings)))
    assert result_of(*compute_file(BytesIO(written))) == recompute(BytesIO(written))
    with pytest.raises(GivesWay):
        compute_file(BytesIO(written.replace(b'],\n "engagements"', b',],\n "engagements"')))


def test_a_sum_beyond_128_bits_is_left_to_the_rules() -> None:
    file = an_example()
    file["members"][0]["carried_micros"] = 10**40
    with pytest.raises(GivesWay):
        by_columns(file)


def test_a_large_month_is_computed_in_little_memory_and_as_the_rules_say(tmp_path: Path) -> None:
    """Ten million in `make prove`, with LARGE_READINGS; the rules' own memory grows with them."""
    file = tmp_path / "month.json"
    with file.open("wb") as out:
        members = 1 + LARGE // 40
        readings = (
            a_reading(f"m{n % members:07}", story=f"s{n // members:03}", day=1 + n % 30, seconds=1 + n % 700)
            for n in range(LARGE)
        )
        out.writelines(write_month(some_inputs(*readings, engagements=[did("follow", "m0000001", "s001")])))
    command = (
        "import resource, sys; from infra.recompute.__main__ import main; main([sys.argv[1]]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", command, str(file)], capture_output=True, check=True)
    assert int(ran.stderr) < 2 * GIB
    if LARGE <= 1_000_000:
        with file.open("rb") as source:
            assert json.loads(ran.stdout) == json.loads(json.dumps(recompute(source)))
