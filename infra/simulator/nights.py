"""What operators and schedules do: nights, closes, pays."""

from collections.abc import Callable
from datetime import datetime, timedelta

from infra.simulator.life import Life

GRACE = timedelta(hours=48)
MARGIN = timedelta(minutes=20)  # what was recorded before the cut-off may be written a little later


def night(life: Life) -> None:
    """The schedules of a night; what they ask for is done by messages."""
    life.slept_at = life.now
    from chalicelib.earnings import service as earnings
    from chalicelib.kit import clock
    from chalicelib.members import service as members
    from chalicelib.reads import striking

    deeds: list[tuple[str, Callable[[], object]]] = [
        ("members are reconciled", lambda: members.reconcile_soon(clock.now())),
        ("months are estimated", lambda: earnings.estimate_all(clock.now())),
        ("readings are judged", lambda: striking.judge_due(clock.now())),
    ]
    life.chance.shuffle(deeds)
    for what, deed in deeds:
        life.tries(what, deed)


def estimates(life: Life) -> None:
    """A night in which nobody judges what was read."""
    from chalicelib.earnings import service
    from chalicelib.kit import clock

    life.tries("months are estimated", lambda: service.estimate_all(clock.now()))


def closes(life: Life) -> None:
    """An operator has the oldest month closed that can be: from the page, or here and now."""
    from chalicelib.earnings import service
    from chalicelib.earnings.month_end import closing
    from chalicelib.kit import clock

    month = next_month(life)
    if not month:
        return
    by = life.cast.operators[0]
    if life.chance.random() < 0.6:
        life.tries(f"{month} is to be closed", lambda: service.ask_to_close(month, by, clock.now()))
        life.hears(most=12 if life.faults else 400)
    else:
        life.tries(f"{month} is closed from a shell", lambda: closing.close(month, clock.now()))


def pays(life: Life) -> None:
    """An operator has the newest month paid."""
    if closed := _closed():
        _pays(life, closed[-1])


def _closed() -> list[str]:
    """The oldest first."""
    from chalicelib.earnings import service

    return sorted(each.month for each in service.months_known().values() if each.closed_at)


def _pays(life: Life, month: str) -> None:
    from chalicelib.earnings import service
    from chalicelib.earnings.pay import paying
    from chalicelib.kit import clock

    by = life.cast.operators[0]
    if life.chance.random() < 0.6:
        life.tries(f"{month} is to be paid", lambda: service.ask_to_pay(month, by, clock.now()))
        life.hears(most=12 if life.faults else 400)
    else:
        life.tries(f"{month} is paid from a shell", lambda: paying.pay_here(month, clock.now()))


def next_month(life: Life) -> str:
    """The oldest month that is not closed and whose cut-off has passed; "" where there is none."""
    from chalicelib.earnings import service

    known = service.months_known()
    if not known:
        return ""
    month = min(known)
    while month in known and known[month].closed_at:
        month = after(month)
    return month if life.now >= cut_off(month) + MARGIN else ""


def after(month: str) -> str:
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    return f"{first + timedelta(days=32):%Y-%m}"


def cut_off(month: str) -> datetime:
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    return (first + timedelta(days=32)).replace(day=1) + GRACE
