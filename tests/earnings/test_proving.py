"""Proving: each kind of thing that money rests on is changed by hand, and the proof names it."""

import json
import random
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from chalicelib.earnings import proving
from chalicelib.earnings.books import ledger, sealing
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.month_file import frozen, store
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.proving.tally import Tally
from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.records import seals
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.ledger import close_partner_entry, fee_entry
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.seals import Posted, packed
from chalicelib.kit import clock, table
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from infra import ledger as command
from infra.recompute.__main__ import recompute
from tests.earnings import tampering
from tests.earnings.a_month import AFTER_NOVEMBER, Cast, a_cast, a_november

POSTED_IN = "2026-12"


@pytest.fixture
def cast(aws: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """November, closed and sealed, as seen some days later."""
    monkeypatch.setattr("chalicelib.earnings.records.ledger.BUCKETS", 2)
    monkeypatch.setattr(clock, "now", lambda: AFTER_NOVEMBER + timedelta(days=3))
    made = a_cast()
    a_november(made)
    closing.close("2026-11", AFTER_NOVEMBER)
    sealing.seal_all(AFTER_NOVEMBER)
    return made


def faults(month: str = "") -> list[str]:
    return [str(each) for each in proving.prove(clock.now(), month=month).faults]


def close_of(partner: str) -> tuple[str, dict[str, int]]:
    """A partner's entry of November, and its lines."""
    entry = ledger.entry(f"close:2026-11:{partner}")
    assert entry is not None
    return entry.id, dict(entry.lines)


def journal_of(entry_id: str) -> tuple[str, str]:
    return f"journal#{records.journal_name(POSTED_IN, records.bucket_of(entry_id))}", entry_id


def rewritten(entry_id: str, lines: dict[str, int]) -> None:
    """Change an entry, its row in the journal and its balances alike, as one who knows where they lie."""
    before = ledger.entry(entry_id)
    assert before is not None
    text = json.dumps(sorted(lines.items()), separators=(",", ":"))
    for place in ((f"entry#{entry_id}", "entry"), journal_of(entry_id)):
        tampering.change(*place, lines=text)
    for account in {account for account, _ in before.lines} | lines.keys():
        where = records.balance_key(account, entry_id)
        kept = tampering.item(*where)["micros"]
        tampering.change(*where, micros=kept + lines.get(account, 0) - dict(before.lines).get(account, 0))


def flip(name: str) -> None:
    """Change one bit of a file in the store."""
    body = bytearray(store.kept(name))
    body[len(body) // 2] ^= 1
    client("s3").put_object(Bucket=settings().store_bucket, Key=name, Body=bytes(body))


def test_what_nobody_changed_is_proven(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["prove"]) == 0
    said = capsys.readouterr()
    count = len(list(ledger.entries(POSTED_IN)))
    assert said.out.startswith(f"all {count} entries of 1 month proven\n")
    assert "closed months computed anew: 2026-11" in said.out
    assert (
        f"sealed: {count}; the chain's newest root: {table.fetch_one(seals.wanted_head()).root}" in said.out
    )
    assert "2026-11 computed anew" in said.err


def test_one_month_can_be_proven_alone(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["prove", "2026-11"]) == 0
    assert "proven" in capsys.readouterr().out
    entry_id, _ = close_of(cast.tom)
    tampering.change(f"entry#{entry_id}", "entry", lines=json.dumps([["platform", 1], ["stripe", -1]]))
    assert command.main(["prove", "2026-11"]) == 1
    assert entry_id in capsys.readouterr().out


@pytest.mark.parametrize("asked", [["prove", "2026-13"], ["prove", "november"], ["mend"], []])
def test_what_is_no_month_or_no_deed_is_refused(asked: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        command.main(asked)
    assert refused.value.code == 2


def test_when_everything_was_proven_last_is_kept(cast: Cast) -> None:
    proving.prove(clock.now())
    last = table.fetch_one(seals.wanted_proof())
    assert last is not None
    assert (last.faults, last.at) == (0, clock.rfc3339(clock.now()))


def test_a_changed_amount_is_named_with_both_figures(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    entry_id, lines = close_of(cast.tom)
    account, micros = f"partner:{cast.tom}", lines[f"partner:{cast.tom}"]
    changed = lines | {account: micros - 1, "dues:deferred": lines["dues:deferred"] + 1}
    text = json.dumps(sorted(changed.items()), separators=(",", ":"))
    tampering.change(f"entry#{entry_id}", "entry", lines=text)
    assert command.main(["prove"]) == 1
    told = f"{account}: expected {micros}, found {micros - 1}"
    out = capsys.readouterr().out
    assert f"{entry_id}: was changed ({told})" in out
    assert f"{entry_id}: is not what the frozen inputs give ({told})" in out


def test_a_changed_account_is_named(cast: Cast) -> None:
    entry_id, lines = close_of(cast.tom)
    lines[f"partner:{cast.maren}"] = lines.pop(f"partner:{cast.tom}")
    text = json.dumps(sorted(lines.items()), separators=(",", ":"))
    tampering.change(f"entry#{entry_id}", "entry", lines=text)
    assert any(each.startswith(f"{entry_id}: was changed (partner:{cast.maren}: ") for each in faults())


def test_a_changed_balance_is_named(cast: Cast) -> None:
    account = f"partner:{cast.tom}"
    where, micros = records.balance_key(account, ""), ledger.balance_micros(account)
    tampering.change(*where, micros=micros - 1)
    told = f"({account}: expected {micros}, found {micros - 1})"
    assert faults() == [f"{where[0]} {account}: the balance is not the sum of its entries {told}"]


def test_a_part_of_a_shared_balance_is_named_though_the_whole_is_right(cast: Cast) -> None:
    one, other = ("balances#00", "dues:deferred"), ("balances#01", "dues:deferred")
    for where, more in ((one, 1), (other, -1)):
        tampering.change(*where, micros=tampering.item(*where)["micros"] + more)
    assert ledger.differences([POSTED_IN]) == []
    assert [each.split(":")[0] for each in faults()] == ["balances#00 dues", "balances#01 dues"]


def test_a_balance_that_is_gone_or_was_added_is_named(cast: Cast) -> None:
    tampering.remove(*records.balance_key(f"partner:{cast.tom}", ""))
    tampering.change(*records.balance_key("partner:ghost", ""), micros=-5)
    found = faults()
    assert len(found) == 2
    assert any(f"partner:{cast.tom}" in each and each.endswith("found 0)") for each in found)
    assert any("(partner:ghost: expected 0, found -5)" in each for each in found)


def test_a_changed_row_of_the_journal_is_named(cast: Cast) -> None:
    entry_id, _ = close_of(cast.tom)
    tampering.change(*journal_of(entry_id), lines='[["fees",1],["stripe",-1]]')
    assert any(each.startswith(f"{entry_id}: was changed in the journal (") for each in faults())


@pytest.mark.parametrize("file", ["manifest", "part"])
def test_a_bit_of_what_was_frozen_is_named(cast: Cast, file: str) -> None:
    name = closing.state_of("2026-11").inputs
    name = name if file == "manifest" else store.manifest(name).parts[0].key
    flip(name)
    (found,) = faults()
    assert found.startswith(f"inputs of 2026-11: the frozen file {name} was changed (expected ")


def test_a_frozen_file_that_is_gone_is_named(cast: Cast) -> None:
    name = store.manifest(closing.state_of("2026-11").inputs).parts[0].key
    client("s3").delete_object(Bucket=settings().store_bucket, Key=name)
    assert faults() == [f"inputs of 2026-11: the frozen file {name} is missing"]


def test_a_changed_hash_of_a_batch_is_named(cast: Cast) -> None:
    link = tampering.items("chain#2026-12")[0]
    tampering.change(link["pk"], link["sk"], digest="0" * 64)
    found = faults()
    assert any(each.startswith("link 1 of 2026-12: was changed ") for each in found)
    assert any(each.startswith(f"batch 1 of {link['journal']}: was changed ") for each in found)


def test_who_changes_an_entry_everywhere_is_found_by_the_seal_and_by_the_inputs(cast: Cast) -> None:
    entry_id, lines = close_of(cast.tom)
    account = f"partner:{cast.tom}"
    rewritten(entry_id, lines | {account: lines[account] - 7, "dues:deferred": lines["dues:deferred"] + 7})
    found = faults()
    assert any(each.startswith(f"{entry_id}: was changed since it was sealed in batch ") for each in found)
    told = f"({account}: expected {lines[account]}, found {lines[account] - 7})"
    assert f"{entry_id}: is not what the frozen inputs give {told}" in found
    assert not any("balance" in each for each in found)


def test_an_entry_that_does_not_follow_from_the_inputs_is_named(cast: Cast) -> None:
    ghost = close_partner_entry("2026-11", PartnerId("ghost"), earned=9_000_000, held=0)
    ledger.post(ghost, AFTER_NOVEMBER)
    sealing.seal_all(AFTER_NOVEMBER)
    assert faults() == ["close:2026-11:ghost: does not follow from the frozen inputs of 2026-11"]


def test_an_entry_that_follows_from_the_inputs_and_is_missing_is_named(cast: Cast) -> None:
    entry_id, _ = close_of(cast.tom)
    tampering.remove(f"entry#{entry_id}", "entry")
    tampering.remove(*journal_of(entry_id))
    assert f"{entry_id}: follows from the frozen inputs, and is missing" in faults()


def test_changed_sums_of_a_month_are_named(cast: Cast) -> None:
    sums: dict[str, Any] = json.loads(tampering.item("months", "2026-11")["sums"])
    tampering.change("months", "2026-11", sums=json.dumps(sums | {"platform": sums["platform"] + 1}))
    told = f"(platform: expected {sums['platform']}, found {sums['platform'] + 1})"
    assert faults() == [f"month 2026-11: its sums are not what the frozen inputs give {told}"]


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_inputs_give_the_same_bytes(cast: Cast, seed: int) -> None:
    state, chance = closing.state_of("2026-11"), random.Random(seed)
    exported = b"".join(frozen.file_of(state))
    month = json.loads(exported)
    for name in ("members", "stories", "readings", "engagements"):
        chance.shuffle(month[name])
        month[name] = [_shuffled(each, chance) for each in month[name]]
    shuffled = json.dumps(_shuffled(month, chance)).encode()
    again = Closing(compute(read_month(BytesIO(shuffled))), closing.closing_of(state).forward)
    assert _bytes(again) == _bytes(closing.closing_of(state))
    assert recompute(BytesIO(shuffled)) == recompute(BytesIO(exported))


def _shuffled(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    names = list(value)
    chance.shuffle(names)
    return {name: value[name] for name in names}


def _bytes(found: Closing) -> list[tuple[str, str]]:
    return sorted((each.id, packed(each)) for each in found.entries())


def test_the_trial_balance_is_printed_by_kinds_of_accounts(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["trial-balance"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sum_micros"] == 0
    partners = -ledger.balance_micros(f"partner:{cast.tom}") - ledger.balance_micros(f"partner:{cast.maren}")
    assert said["accounts"]["partner:*"] == {"accounts": 2, "micros": -partners}
    assert said["accounts"]["stripe"] == {"accounts": 1, "micros": ledger.balance_micros("stripe")}


def test_a_trial_balance_that_does_not_sum_to_zero_fails(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    tampering.change(*records.balance_key("partner:ghost", ""), micros=-5)
    assert command.main(["trial-balance"]) == 1
    assert json.loads(capsys.readouterr().out)["sum_micros"] == -5


def test_sealing_from_the_command_line_seals_what_waits(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.post(fee_entry("txn_late", 5), AFTER_NOVEMBER)
    assert command.main(["seal"]) == 0
    assert "1 entries sealed" in capsys.readouterr().err
    assert proving.prove(clock.now()).holds


def test_a_tally_of_very_many_lines_is_exact(aws: None) -> None:
    """More than are handed to the database at once, over more accounts than buckets."""
    with Tally() as tally:
        for number in range(11_000):
            entry = close_partner_entry("2026-11", PartnerId(f"p{number % 40}"), earned=number + 1, held=1)
            assert entry is not None
            tally.see(Posted(entry.id, "", packed(entry)))
        found = list(tally.differences())
    owed = sum(int(each.expected) for each in found if each.account.startswith("partner:"))
    assert owed == -sum(range(11_000))
    assert sum(int(each.expected) for each in found) == 0
    assert len([each for each in found if each.account.startswith("held:")]) == 40
