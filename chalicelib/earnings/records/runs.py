"""How far a close or an estimate has come, and what each part of a step found, written once.

A close is its month's own item; an estimate has one for each month, which the next day's replaces.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.records.months import MONTHS, MonthRecord
from chalicelib.earnings.rules.runs import ESTIMATE, STATEMENT, STEPS, Done, Run
from chalicelib.kit import clock, table

PENCILS = "pencils"
NEVER = "~"


class DoneRecord(table.Record):
    class Meta:
        feature = FEATURE

    found = UnicodeAttribute()


def wanted_run(run_id: str) -> table.Wanted[Run | None]:
    return table.Wanted(FEATURE, *_key(run_id), lambda item: _run(run_id, item))


def begin_close(month: str, at: datetime, *, width: int, of: int) -> None:
    """Begin unless it is begun; a month that was begun before there were steps goes on at the first."""
    _try(
        month,
        [
            MonthRecord.month.set(month),
            MonthRecord.begun_at.set(MonthRecord.begun_at | clock.rfc3339(at)),
            MonthRecord.step.set(STEPS[0]),
            MonthRecord.width.set(width),
            MonthRecord.done.set(0),
            MonthRecord.of.set(of),
        ],
        MonthRecord.step.does_not_exist() & MonthRecord.closed_at.does_not_exist(),
    )


def begin_estimate(month: str, at: datetime, *, width: int, of: int) -> str:
    """In place of an earlier one; its name. The same moment again is the same estimate."""
    run_id = f"{month}{NEVER}{clock.rfc3339(at)}"
    begun = clock.rfc3339(at)
    _try(
        run_id,
        [
            MonthRecord.month.set(month),
            MonthRecord.begun_at.set(begun),
            MonthRecord.step.set(STEPS[0]),
            MonthRecord.width.set(width),
            MonthRecord.done.set(0),
            MonthRecord.of.set(of),
            MonthRecord.inputs.remove(),
        ],
        MonthRecord.begun_at.does_not_exist() | (MonthRecord.begun_at < begun),
    )
    return run_id


def mark(run: Run, part: str, found: Done) -> bool:
    """Keep what a part found, once; False when that was kept already, or the step is over."""
    text = msgspec.json.encode(found).decode()
    more = [MonthRecord.of.add(1)] if found.next else []

    def build(transaction: Any) -> None:
        record = DoneRecord(_parts(run, run.step), part, found=text)
        transaction.save(record, condition=DoneRecord.pk.does_not_exist())
        transaction.update(
            MonthRecord(*_key(run.id)),
            actions=[MonthRecord.done.add(1), *more],
            condition=_stands(run),
        )

    try:
        table.commit(build)
    except table.Refused:
        return False
    return True


def marks(run: Run, step: str) -> dict[str, Done]:
    """What the parts of a step found, by part."""
    items = table.query_all(FEATURE, _parts(run, step))
    return {item["sk"]: msgspec.json.decode(item["found"], type=Done) for item in items}


def wanted_mark(run: Run, step: str, part: str) -> table.Wanted[Done | None]:
    return table.Wanted(FEATURE, _parts(run, step), part, _done)


def advance(run: Run, step: str, *, of: int, reached: Mapping[str, str]) -> bool:
    """From its step to this one; False when another was faster. `reached` are times of the month's."""
    times = [getattr(MonthRecord, name) for name in reached]
    return _try(
        run.id,
        [
            MonthRecord.step.set(step),
            MonthRecord.done.set(0),
            MonthRecord.of.set(of),
            *(each.set(each | when) for each, when in zip(times, reached.values(), strict=True)),
        ],
        _stands(run),
    )


def note_told(run: Run) -> None:
    """All parts of its step are in the queue."""
    _try(run.id, [MonthRecord.told.set(run.step)], _stands(run))


def freeze_estimate(run: Run, manifest: str) -> None:
    """Name what an estimate is computed from, unless that is named."""
    _try(run.id, [MonthRecord.inputs.set(manifest)], _stands(run) & MonthRecord.inputs.does_not_exist())


def forget(run: Run) -> None:
    """The marks of an estimate that is over."""
    for step in STEPS:
        for item in list(table.query_all(FEATURE, _parts(run, step))):
            DoneRecord(item["pk"], item["sk"]).delete()


def _try(run_id: str, actions: list[Any], condition: Any) -> bool:
    return MonthRecord(*_key(run_id)).update_if(condition, actions)


def _stands(run: Run) -> Any:
    stands = MonthRecord.step == run.step
    return stands if run.is_close else stands & (MonthRecord.begun_at == clock.rfc3339(run.at))


def _key(run_id: str) -> tuple[str, str]:
    month, _, at = run_id.partition(NEVER)
    return (PENCILS if at else MONTHS), month


def _parts(run: Run, step: str) -> str:
    return f"part#{run.id}#{step}"


def _run(run_id: str, item: table.Item | None) -> Run | None:
    month, _, at = run_id.partition(NEVER)
    if item is None or not item.get("step") or (at and item["begun_at"] != at):
        return None
    return Run(
        id=run_id,
        month=month,
        kind=ESTIMATE if at else STATEMENT,
        at=clock.parse(item["begun_at"]),
        width=item["width"],
        step=item["step"],
        done=item["done"],
        of=item["of"],
        is_told=item.get("told") == item["step"],
        inputs=item.get("inputs", ""),
    )


def _done(item: table.Item | None) -> Done | None:
    return msgspec.json.decode(item["found"], type=Done) if item else None
