"""A history from its seed: random deeds and faults, then recovery, then what is left to be checked."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from infra import cloud as local_cloud
from infra.simulator import banks, checking, deeds, nights, own_pages
from infra.simulator.cast import Cast, assembled
from infra.simulator.checking import Left
from infra.simulator.deeds import Deed
from infra.simulator.life import Life
from infra.simulator.stage import Stage
from infra.simulator.world import Kept, World

MONTHS = 2
DEEDS_A_MONTH = 10
FIRST_MEMBERS = 2
TAXES = (0, 0, 825, 2000)  # bps
TRIALS_DAYS = (0, 0, 5, 30)
RECOVERIES = 2
LONG_DAYS = 9
WITHOUT_A_NIGHT = timedelta(days=9)  # the schedules run daily; of those in which little happens a few do
MONTHS_MAX = 6  # that may be left to close
LOST = 0.04  # of webhooks: we answered wrongly for three days
WEIGHTS: dict[Deed, int] = {
    deeds.joins: 9,
    deeds.reads: 14,
    deeds.applauds: 3,
    deeds.uses_portal: 4,
    deeds.is_granted_credit: 1,
    deeds.gets_money_back: 4,
    deeds.refund_fails: 2,
    deeds.disputes: 3,
    deeds.dispute_ends: 3,
    deeds.strikes: 1,
    deeds.judges_again: 2,
    banks.account_changes: 2,
    deeds.leaves: 1,
    deeds.comes_back: 1,
    deeds.is_withheld_from: 2,
    banks.transfer_comes_back: 2,
    banks.platform_moves: 1,
    banks.partners_bank_is_paid: 3,
    banks.partners_bank_sends_back: 2,
    own_pages.changes_plan: 4,
    own_pages.ends_or_keeps: 1,
    own_pages.withdraws: 2,
    own_pages.gives: 4,
    own_pages.redeems: 4,
    own_pages.gift_goes_back: 1,
    nights.night: 2,
}


@dataclass
class Opening:
    """The worlds in which histories begin, made once: one is new, in the other a month waits to be paid."""

    cast: Cast
    kept: tuple[Kept, ...]


def opening(stage: Stage) -> Opening:
    world = stage.begin("the opening")
    cast = assembled(world)
    life = Life(stage, cast, Random(0))  # noqa: S311
    life.faults = False
    life.carries()
    new = world.copied()
    _a_first_month(life)
    return Opening(cast, (new, world.copied()))


def _a_first_month(life: Life) -> None:
    """It is lived and closed; nobody is paid yet."""
    a_month_is_read(life)
    until_a_month_can_close(life, by_night=nights.estimates)
    while nights.next_month(life):
        nights.closes(life)
    life.hears()


def a_month_is_read(life: Life) -> None:
    """Everybody joins, one with a card that is new, and reads."""
    for number, who in enumerate(life.cast.readers):
        deeds.joins_as(life, who, ("friend", "month"), card="shared" if number else "own")
        for story in life.cast.stories:
            deeds.reads_story(life, who, story, seconds=90)
    life.passes(0.1)
    life.carries()
    nights.estimates(life)
    life.hears()


def lived(stage: Stage, begun: Opening, which: tuple[str, int], steps: list[str]) -> Life:
    """Live the history of this seed and number to its end, recovery included; `steps` grow as it goes."""
    seed, number = which
    world: World = stage.begin(f"{seed}/{number}")
    world.put_back(begun.kept[number % len(begun.kept)])
    life = Life(stage, begun.cast, Random(f"{seed}/{number}/life"), steps)  # noqa: S311
    lives(life)
    recovers(life)
    return life


def lives(life: Life) -> None:
    tax_bps = life.chance.choice(TAXES)
    life.world.control("settings", tax_bps=tax_bps)
    trial_days = life.chance.choice(TRIALS_DAYS)
    life.stage.sets(TRIAL_DAYS=str(trial_days))
    life.says(f"taxes are {tax_bps} bps, trials last {trial_days} days")
    for _ in range(FIRST_MEMBERS):
        deeds.joins(life)
    nights.pays(life)
    for _ in range(MONTHS):
        for _ in range(DEEDS_A_MONTH):
            _something_happens(life)
        nights.night(life)
        life.hears()
        life.redrives()
        until_a_month_can_close(life)
        nights.closes(life)
        nights.pays(life)


def _something_happens(life: Life) -> None:
    life.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0](life)
    if life.chance.random() < 0.6:
        life.carries(life.chance.randrange(1, 8), loses=LOST)
    if life.chance.random() < 0.4:
        life.hears(most=life.chance.randrange(1, 6))
    if life.chance.random() < 0.5:
        life.hears()
        life.passes(life.chance.choice((0.2, 1, 3, 6)))
    if life.now - life.slept_at > WITHOUT_A_NIGHT:
        nights.night(life)


def recovers(life: Life) -> None:
    """No more faults: everything is told again, nights pass, and what is due is closed and paid."""
    life.faults = False
    life.says("recovery")
    life.redrives()
    for _ in range(RECOVERIES):
        life.carries()
        life.passes(1)
        life.carries()
        nights.night(life)
        life.hears()
        for _ in range(MONTHS_MAX):
            if not nights.next_month(life):
                break
            nights.closes(life)
            life.hears()
        nights.pays(life)
        life.hears()
    nights.night(life)
    life.hears()


def until_a_month_can_close(life: Life, by_night: Deed = nights.night) -> None:
    """Not without a night on the way: Stripe keeps its events for thirty days."""
    from chalicelib.earnings import service

    known = [name for name, state in service.months_known().items() if not state.closed_at]
    if not known:
        return
    days = max((nights.cut_off(min(known)) + nights.MARGIN - life.now).total_seconds() / 86400, 0)
    if days > LONG_DAYS:
        life.passes(days / 2)
        by_night(life)
        life.hears()
    life.passes(days / 2 if days > LONG_DAYS else days)
    life.passes(life.chance.choice((0.01, 0.5, 2)))
    life.carries(loses=LOST)


def left_by(life: Life) -> Left:
    """What the history left, for a checker that knows nothing of how it went."""
    cloud, prefix = life.world.cloud, local_cloud.PREFIX
    tables = {
        each: list(cloud.dynamodb.tables[f"{prefix}-{each}"].items()) for each in ("earnings", "members")
    }
    files = cloud.s3.buckets[f"{prefix}-store-{local_cloud.ACCOUNT}"]
    messages = [each.body for queue in cloud.sqs.queues.values() for each in queue]
    messages += [message.body for _, message in life.dead]
    return checking.read(tables, files, life.world.books.objects, now=life.now, messages=messages)
