"""Reports that nobody's page makes are refused with what is wrong, and leave nothing behind."""

from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.reads.routes import BODY_BYTES_MAX
from tests.client import Client
from tests.people.builders import signed_in
from tests.reads.builders import a_ticket, read_s

BEAT = {"n": 1, "seconds": 15}


@pytest.fixture
def reader(aws: None) -> tuple[Client, str]:
    who = signed_in("ines@example.org", at=clock.now())
    return Client(who.token), who.person_id


@pytest.mark.parametrize(
    "change",
    [
        {"beats": []},
        {"beats": [BEAT] * 41},
        {"beats": [{"n": 0, "seconds": 15}]},
        {"beats": [{"n": -1, "seconds": 15}]},
        {"beats": [{"n": 1_000_001, "seconds": 15}]},
        {"beats": [{"n": 1, "seconds": 0}]},
        {"beats": [{"n": 1, "seconds": -15}]},
        {"beats": [{"n": 1, "seconds": 3_601}]},
        {"beats": [{"n": 1, "seconds": 1e308}]},
        {"beats": [{"n": 1, "seconds": 14.5}]},
        {"beats": [{"n": True, "seconds": 15}]},
        {"beats": [{"n": "1", "seconds": 15}]},
        {"beats": [{"n": 1}]},
        {"beats": [BEAT | {"story": "another"}]},
        {"beats": {"n": 1, "seconds": 15}},
        {"beats": None},
        {"credited_s": 3_600},
        {"ticket": ""},
        {"ticket": "."},
        {"ticket": "a.b.c"},
        {"ticket": "x" * 1_001},
        {"ticket": "\ud7ff.\u0000"},
        {"ticket": ["ticket"]},
        {"ticket": None},
    ],
    ids=repr,
)
def test_a_report_that_is_out_of_shape_is_refused(reader: tuple[Client, str], change: dict[str, Any]) -> None:
    client, who = reader
    report = {"ticket": a_ticket(who, at=clock.now()), "beats": [BEAT]} | change
    reply = client.post("/api/readings", report)
    assert reply.status in (400, 422)
    assert reply.json()["detail"]
    assert read_s(who, clock.month_of(clock.now())) == 0


def test_a_report_that_is_too_long_is_not_read(reader: tuple[Client, str]) -> None:
    client, who = reader
    report = {"ticket": a_ticket(who, at=clock.now()), "beats": [BEAT], "more": "x" * BODY_BYTES_MAX}
    assert client.post("/api/readings", report).status == 413


def test_a_report_of_nobody_is_refused(reader: tuple[Client, str]) -> None:
    _, who = reader
    report = {"ticket": a_ticket(who, at=clock.now()), "beats": [BEAT]}
    assert Client().post("/api/readings", report).status == 401
    assert read_s(who, clock.month_of(clock.now())) == 0
