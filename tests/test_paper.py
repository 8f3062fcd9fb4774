"""The paper in the README is what the program takes now, at the prices and proportions that are stated.

Units and calls are counted here and must be those that the paper was made from, within a tenth; processor
time is taken from measured.json. `PAPER=write` measures anew and writes both: run it when a figure has
changed, and look why.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

import app  # noqa: F401
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.pay import paying
from chalicelib.kit import ids
from infra import template
from infra.capacity import Meter, metering
from infra.paper import model
from infra.paper.__main__ import MEASURED, README, measured, written
from infra.paper.model import Use
from tests.client import Client
from tests.conftest import forget
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it
from tests.earnings.arranging import MONTH, NOW, a_closed_month, a_partner, owed
from tests.earnings.conftest import _unbind as unbind
from tests.members.conftest import Shop, a_shop
from tests.people.builders import code_for
from tests.stripe_stand_in import Here, click
from tests.test_budgets import ask
from tests.worlds import World, a_world

WRITES = os.environ.get("PAPER") == "write"
ROUNDS = 9


@pytest.fixture
def tables(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it for tables that nobody has written in."""

    def make() -> None:
        prefix = f"t{ids.new()}"
        for table in template.tables(prefix):
            boto3.client("dynamodb").create_table(**table)
        monkeypatch.setenv("TABLE_PREFIX", prefix)
        forget()
        unbind()

    yield make
    unbind()


@pytest.fixture
def shop(tmp_path: Path, tables: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    yield from a_shop(tmp_path, monkeypatch)


def test_the_paper_is_made_of_what_is_measured_now(shop: Shop, tables: Callable[[], None]) -> None:
    found = {**_requests(a_world(shop)), **_month(tables, shop.stripe)}
    if WRITES:
        MEASURED.write_text(json.dumps({what: asdict(use) for what, use in found.items()}, indent=1) + "\n")
        README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    kept = measured()
    assert found.keys() == kept.keys()
    far = [what for what, use in found.items() if not _is_near(asdict(use), asdict(kept[what]))]
    assert not far, {what: (found[what], kept[what]) for what in far}


def test_the_readme_holds_the_paper_as_it_comes_out_today() -> None:
    readme = README.read_text(encoding="utf-8")
    assert written(readme) == readme


def test_every_line_of_the_month_was_measured() -> None:
    assert {row.what for row in model.rows(measured())} == measured().keys()


def test_the_money_of_the_paper_adds_up() -> None:
    money = model.money()
    assert money.taken == money.writers + money.card_fees + money.connect_fees + money.left
    assert money.left > 0


def _is_near(found: dict[str, int], kept: dict[str, int]) -> bool:
    """Which buckets ids fall into makes a call more or less; processor time is not compared."""
    counted = [name for name in found if name != "cpu_us"]
    return all(abs(found[name] - kept[name]) <= 1 + kept[name] // 10 for name in counted)


# What a request takes.

WORDS = {"title": "Tides", "html": "".join(f"<p>{'Salt, tide and time. ' * 60}</p>" for _ in range(5))}
REQUESTS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("story, signed out, not cached", "GET", "/{handle}/{slug}", "-", {}),
    ("story, a member", "GET", "/{handle}/{slug}", "m", {}),
    ("front page or topic", "GET", "/", "r", {}),
    ("Following", "GET", "/following", "r", {}),
    ("report of reading", "POST", "/api/readings", "m", {"ticket": "ticket", "beats": "beats"}),
    ("applause", "PUT", "/api/stories/{story_id}/applause", "m", {"claps": 3}),
    ("follow", "PUT", "/api/people/{handle}/follow", "o", {}),
    ("save of a draft", "PUT", "/api/stories/{draft}/draft", "w", {**WORDS, "If-Match": "1"}),
    ("publication", "PUT", "/api/stories/{draft}/publication", "w", {"topics": ["sea"], "If-Match": "2"}),
]


def _requests(world: World) -> dict[str, Use]:
    """Each once, metered; what only reads many times for its processor time."""
    found = {}
    for what, verb, path, who, sent in REQUESTS:
        if what == "report of reading":
            _pass_minutes(world, 4)
        body, where = _filled(sent), path.replace("{draft}", world.ids["draft"])
        found[what] = _used(partial(_asked, world, verb, where, who, body), again=verb == "GET")
    found["sign-in: code and session"] = _used(lambda: _sign_in(world))
    found["webhook of Stripe's"] = _webhook(world.shop)
    return found


def _filled(sent: dict[str, Any]) -> dict[str, Any]:
    beats = [{"n": number, "seconds": 15} for number in range(1, 13)]
    return {name: beats if value == "beats" else value for name, value in sent.items()}


def _asked(world: World, verb: str, path: str, who: str, sent: dict[str, Any]) -> None:
    reply = ask(world, verb, path, who, dict(sent))
    assert reply.status < 400, reply.text


def _pass_minutes(world: World, minutes: int) -> None:
    file = world.shop.stripe.clock_file
    file.write_text(str(int(file.read_text()) + minutes * 60))


def _sign_in(world: World) -> None:
    address = f"{ids.new()}@example.org"
    assert Client().post("/api/sign-in/codes", {"address": address}).status < 300
    assert Client().post("/api/sessions", {"address": address, "code": code_for(address)}).status < 300


def _webhook(shop: Shop) -> Use:
    """The mean of the events of somebody's first payment, rounded up."""
    click(shop.checkout(ids.new()), card="own")
    told = len(shop.stripe.state()["waiting"])
    use = _used(shop.settle)
    return Use(**{name: -(-value // told) for name, value in asdict(use).items()})


# What a month takes, for each of whom it is about: the difference of a larger month and a smaller one.


def _month(tables: Callable[[], None], stripe: Here) -> dict[str, Use]:
    def closed(members: int, readings: int, partners: int) -> Use:
        tables()
        _live(members, readings, partners)
        return _used(lambda: closing.close("2026-11", AFTER_NOVEMBER))

    def paid(partners: int) -> Use:
        tables()
        a_closed_month()
        stripe.control("topup", amount=100_000)
        for number in range(partners):
            owed(a_partner(stripe, name=f"partner{number:09}"), 25_000_000)
        return _used(lambda: paying.pay_here(MONTH, NOW))

    closed(2, 1, 1)  # what is imported when first needed is not counted
    small = closed(4, 2, 1)
    return {
        "close, for each member": _each(closed(12, 2, 1), small, more=8),
        "close, for each reading": _each(closed(4, 27, 1), small, more=100),
        "close, for each partner": _each(closed(4, 17, 17), closed(4, 17, 1), more=16),
        "pay, for each partner": _each(paid(5), paid(1), more=4),
    }


def _live(members: int, readings: int, partners: int) -> None:
    """Each member has paid, also for December, and reads so many stories, each of the partners' in turn."""
    stories = [a_card(f"partner{number % partners:09}", f"story{number:011}") for number in range(readings)]
    for number in range(members):
        member = f"member{number:010}"
        for month in (NOVEMBER, NOVEMBER.replace(month=12)):
            a_payment(member, month=month)
        for day, story in enumerate(stories):
            reads_it(member, story, at=NOVEMBER + timedelta(days=2 + day))


def _each(large: Use, small: Use, *, more: int) -> Use:
    """For each one more; what one less would take is nothing."""
    before = asdict(small)
    return Use(**{name: max(0, -(-(value - before[name]) // more)) for name, value in asdict(large).items()})


def _used(deed: Callable[[], object], *, again: bool = False) -> Use:
    """What a deed takes; what only reads is done many times, for its processor time.

    Without what the cloud's stand-in takes in this process, and without the meter.
    """
    meter, took_us = _metered(deed)
    if again:
        took_us = int(statistics.median(_metered(deed)[1] for _ in range(ROUNDS)))
    return _use(meter, took_us)


def _metered(deed: Callable[[], object]) -> tuple[Meter, int]:
    with metering() as meter:
        began = time.process_time_ns()
        deed()
        took_ns = time.process_time_ns() - began
    return meter, (took_ns - meter.elsewhere_ns) // 1000


def _use(meter: Meter, cpu_us: int) -> Use:
    calls = sum(number for name, number in meter.calls.items() if name.startswith("dynamodb."))
    puts = sum(number for name, number in meter.calls.items() if name == "s3.PutObject")
    return Use(meter.half_reads, meter.writes, calls, meter.calls.get("sqs.requests", 0), puts, cpu_us)
