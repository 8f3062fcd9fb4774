"""The chain: what was posted is sealed in batches, and whatever is changed afterwards is found and named."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.earnings import proving
from chalicelib.earnings.books import ledger, sealing
from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.records import seals
from chalicelib.earnings.rules.ledger import fee_entry
from chalicelib.earnings.rules.seals import Batch, link_of
from chalicelib.kit import table
from infra.faults import Crash, every_point, planted
from infra.ledger import every_entry
from tests.earnings import tampering

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
MONTH = "2026-11"


def posted(*names: str, at: datetime = AT) -> None:
    for name in names:
        ledger.post(fee_entry(name, 100 + len(name)), at)


def faults(at: datetime = AT) -> list[str]:
    return [str(each) for each in proving.prove(at).faults]


def sealed_in_batches() -> list[list[str]]:
    """The ids in each batch, by the number of its link."""
    found = sorted(tampering.items("batch#"), key=lambda each: each["sk"])
    return [[entry_id for entry_id, _ in json.loads(each["leaves"])] for each in found]


def all_sealed() -> list[str]:
    return sorted(entry_id for batch in sealed_in_batches() for entry_id in batch)


def links(*months: str) -> list[dict[str, object]]:
    return [each for month in months or (MONTH,) for each in tampering.items(f"chain#{month}")]


def place_of(entry_id: str) -> tuple[str, str]:
    """Where an entry lies in its journal."""
    return f"journal#{records.journal_name(MONTH, records.bucket_of(entry_id))}", entry_id


@pytest.fixture
def sealed(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Six entries in one journal, sealed in three batches."""
    monkeypatch.setattr("chalicelib.earnings.records.ledger.BUCKETS", 1)
    monkeypatch.setattr("chalicelib.earnings.books.sealing.BATCH_ENTRIES", 2)
    posted("a", "b", "c", "d", "e", "f")
    sealing.seal_all(AT)
    assert faults() == []
    return [f"fee:{letter}" for letter in "abcdef"]


def test_a_batch_has_its_entries_by_id_and_the_hash_that_anybody_can_compute(sealed: list[str]) -> None:
    assert sealed_in_batches() == [sealed[0:2], sealed[2:4], sealed[4:6]]
    first = links()[0]
    entries = [tampering.item(f"entry#{entry_id}", "entry") for entry_id in sealed[:2]]
    leaves = [
        hashlib.sha256(f"{entry_id}\n{each['at']}\n{each['lines']}".encode()).hexdigest()
        for entry_id, each in zip(sealed, entries, strict=False)
    ]
    digest = hashlib.sha256("".join(leaves).encode()).hexdigest()
    root = hashlib.sha256(f"1\n{MONTH}\n{MONTH}#00\n2\n{digest}\n{first['at']}\n{'0' * 64}".encode())
    assert (first["digest"], first["root"]) == (digest, root.hexdigest())


def test_each_link_is_joined_to_the_one_before_it_also_over_a_months_end(sealed: list[str]) -> None:
    december = AT + timedelta(days=20)
    posted("g", at=december)
    sealing.seal_all(december)
    chain = links(MONTH, "2026-12")
    assert [each["sk"] for each in chain] == [f"{number:010}" for number in (1, 2, 3, 4)]
    assert [each["previous"] for each in chain[1:]] == [each["root"] for each in chain[:-1]]
    assert faults(december) == []


def test_sealing_again_adds_nothing(sealed: list[str]) -> None:
    assert sealing.seal_all(AT) == 0
    assert len(links()) == 3


def test_a_late_entry_goes_into_a_later_batch(sealed: list[str]) -> None:
    before = tampering.items("batch#")
    posted("aa")
    later = AT + timedelta(days=9)
    assert sealing.seal_all(later) == 1
    assert [each for each in tampering.items("batch#") if each in before] == before
    assert sealed_in_batches()[-1] == ["fee:aa"]
    assert links("2026-12")[0]["journal"] == f"{MONTH}#00"
    assert faults(later) == []


def test_a_clock_that_goes_back_does_not_break_the_chain(sealed: list[str]) -> None:
    posted("g", at=AT + timedelta(days=20))
    sealing.seal_all(AT + timedelta(days=20))
    posted("h")
    sealing.seal_all(AT)
    assert [each["sk"] for each in links("2026-12")] == ["0000000004", "0000000005"]
    assert faults(AT) == []


def test_every_entry_is_in_one_batch_however_many_journals_there_are(aws: None) -> None:
    names = [f"t{number}" for number in range(60)]
    posted(*names)
    assert sealing.seal_all(AT) == 60
    assert all_sealed() == sorted(f"fee:{name}" for name in names)
    assert faults() == []


def test_what_is_not_sealed_yet_is_no_fault(sealed: list[str]) -> None:
    posted("g")
    proof = proving.prove(AT)
    assert proof.holds
    assert (proof.entries, proof.sealed) == (7, 6)


# What each kind of item says when it is changed.


def test_a_changed_amount_is_found_with_its_account_and_both_figures(sealed: list[str]) -> None:
    tampering.change("entry#fee:c", "entry", lines='[["fees",102],["stripe",-102]]')
    found = faults()
    assert "fee:c: was changed (fees: expected 101, found 102)" in found
    assert "fee:c: was changed (stripe: expected -101, found -102)" in found


def test_a_changed_account_of_a_line_is_found(sealed: list[str]) -> None:
    tampering.change("entry#fee:c", "entry", lines='[["bank",101],["stripe",-101]]')
    found = faults()
    assert "fee:c: was changed (fees: expected 101, found 0)" in found
    assert "fee:c: was changed (bank: expected 0, found 101)" in found


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "[",
        "{}",
        "[1]",
        '[["fees",1.5],["stripe",-1.5]]',
        '[["fees",true],["stripe",-1]]',
        '[["fees",101]]',
    ],
)
def test_an_entry_that_is_none_any_more_is_named(sealed: list[str], lines: str) -> None:
    tampering.change("entry#fee:c", "entry", lines=lines)
    assert any(each.startswith("fee:c: ") for each in faults())


def test_an_entry_of_the_same_meaning_in_other_letters_is_found(sealed: list[str]) -> None:
    tampering.change("entry#fee:c", "entry", lines='[["fees", 101],["stripe",-101]]')
    assert any(each.startswith("fee:c: was changed (lines: ") for each in faults())


def test_a_changed_time_is_found(sealed: list[str]) -> None:
    tampering.change("entry#fee:c", "entry", at="2026-11-24T08:00:00.001Z")
    assert any(each.startswith("fee:c: was changed (posted at: ") for each in faults())


def test_a_change_in_the_entry_and_its_journal_alike_is_found_by_the_seal(sealed: list[str]) -> None:
    for place in (("entry#fee:c", "entry"), place_of("fee:c")):
        tampering.change(*place, lines='[["fees",102],["stripe",-102]]')
    assert any(each.startswith("fee:c: was changed since it was sealed in batch 2 ") for each in faults())


def test_a_missing_entry_is_named(sealed: list[str]) -> None:
    tampering.remove("entry#fee:c", "entry")
    assert faults() == ["fee:c: is in the journal, and the entry itself is gone"]


def test_a_missing_row_of_a_journal_is_named(sealed: list[str]) -> None:
    tampering.remove(*place_of("fee:c"))
    assert "fee:c: was sealed in batch 2 of 2026-11#00, and is not in the journal any more" in faults()


def test_a_changed_row_of_a_journal_is_named(sealed: list[str]) -> None:
    tampering.change(*place_of("fee:c"), lines='[["fees",102],["stripe",-102]]')
    assert "fee:c: was changed in the journal (fees: expected 101, found 102)" in faults()


def test_an_entry_that_vanished_with_its_row_and_its_balances_is_named(sealed: list[str]) -> None:
    tampering.remove("entry#fee:c", "entry")
    tampering.remove(*place_of("fee:c"))
    tampering.change("balances#00", "fees", micros=505)
    tampering.change("balances#00", "stripe", micros=-505)
    assert faults() == ["fee:c: was sealed in batch 2 of 2026-11#00, and is not in the journal any more"]


def test_an_entry_that_was_slipped_into_a_month_sealed_for_good_is_named(sealed: list[str]) -> None:
    later = AT + timedelta(days=60)
    sealing.seal_all(later)
    posted("ghost")
    assert faults(later) == ["fee:ghost: was added to 2026-11#00 after that was sealed for good"]


def test_an_entry_in_a_journal_that_is_not_its_own_is_named(sealed: list[str]) -> None:
    tampering.remove(*place_of("fee:c"))
    said = tampering.item("entry#fee:c", "entry")
    tampering.change("journal#2026-10#00", "fee:c", lines=said["lines"], at=said["at"])
    assert "fee:c: does not belong in the journal 2026-10#00" in faults()


def test_an_entry_of_no_kind_is_named(sealed: list[str]) -> None:
    lines = '[["fees",1],["stripe",-1]]'
    for place in (("entry#gift:1", "entry"), place_of("gift:1")):
        tampering.change(*place, lines=lines, at="2026-11-24T08:00:00.000Z")
    assert "gift:1: is of no kind that the ledger has" in faults()


def test_an_entry_that_no_journal_has_is_named(sealed: list[str]) -> None:
    tampering.change(
        "entry#fee:x", "entry", lines='[["fees",1],["stripe",-1]]', at="2026-11-24T08:00:00.000Z"
    )
    found = [str(each) for each in proving.prove(AT, entries=every_entry()).faults]
    assert found == ["fee:x: is in no journal: it was added, or the journal's row is gone"]


BATCH = ("batch#2026-11#00", "0000000002")


def test_a_changed_batch_is_named(sealed: list[str]) -> None:
    leaves = json.loads(tampering.item(*BATCH)["leaves"])
    leaves[0][1] = leaves[0][1][:-1] + ("0" if leaves[0][1][-1] != "0" else "1")
    tampering.change(*BATCH, leaves=json.dumps(leaves))
    assert any(each.startswith("batch 2 of 2026-11#00: was changed ") for each in faults())


@pytest.mark.parametrize("leaves", ["[", "[]", "1", '[["fee:c"]]'])
def test_a_batch_that_is_none_any_more_is_named(sealed: list[str], leaves: str) -> None:
    tampering.change(*BATCH, leaves=leaves)
    assert any(each.startswith("batch 2 of 2026-11#00: was changed ") for each in faults())


def test_a_leaf_that_was_renamed_or_sealed_twice_is_named(sealed: list[str]) -> None:
    leaves = json.loads(tampering.item(*BATCH)["leaves"])
    leaves[0][0] = "fee:a"
    tampering.change(*BATCH, leaves=json.dumps(leaves))
    assert "fee:a: is sealed twice, the second time in batch 2 of 2026-11#00" in faults()


def test_a_missing_batch_is_named(sealed: list[str]) -> None:
    tampering.remove(*BATCH)
    assert "batch 2 of 2026-11#00: is missing, and its link is there" in faults()


def test_a_batch_that_was_added_is_named(sealed: list[str]) -> None:
    tampering.change("batch#2026-11#00", "0000000009", leaves="[]")
    assert faults() == ["batch 9 of 2026-11#00: is in no link of the chain"]


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"previous": "0" * 64},
        {"root": "0" * 64},
        {"at": "2026-11-24T09:00:00.000Z"},
        {"entries": 3},
        {"journal": "2026-11#01"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_link_is_named(sealed: list[str], change: dict[str, str | int]) -> None:
    tampering.change("chain#2026-11", "0000000002", **change)
    assert any(each.startswith("link 2 of 2026-11: was changed ") for each in faults())


def test_a_missing_link_is_named(sealed: list[str]) -> None:
    tampering.remove("chain#2026-11", "0000000002")
    assert "link 2: is missing" in faults()


def test_missing_newest_links_are_named(sealed: list[str]) -> None:
    for number in ("0000000002", "0000000003"):
        tampering.remove("chain#2026-11", number)
    assert "links 2 to 3: are missing" in faults()


def test_a_link_written_anew_with_a_right_hash_breaks_the_next(sealed: list[str]) -> None:
    (found,) = [each for each in seals.links(MONTH) if each.number == 2]
    forged = replace(found, at="2026-11-25T08:00:00.000Z")
    tampering.change("chain#2026-11", "0000000002", at=forged.at, root=forged.computed_root())
    assert any(each.startswith("link 3 of 2026-11: is not joined to the one before it ") for each in faults())


def test_a_changed_head_is_named(sealed: list[str]) -> None:
    tampering.change("chain", "head", root="0" * 64)
    assert any(each.startswith("head of the chain: is not the newest link's ") for each in faults())


def test_a_head_put_back_is_named(sealed: list[str]) -> None:
    tampering.change("chain", "head", number=2)
    assert any(
        each.startswith("head of the chain: the chain's head names an older link") for each in faults()
    )


# At once, and after a crash.


@pytest.mark.ministack
def test_eight_that_seal_at_once_seal_each_entry_once(
    afresh: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.earnings.records.ledger.BUCKETS", 2)
    monkeypatch.setattr("chalicelib.earnings.books.sealing.BATCH_ENTRIES", 3)
    names = [f"t{number}" for number in range(20)]
    posted(*names)
    with ThreadPoolExecutor(8) as workers:
        counts = list(workers.map(lambda _: sealing.seal_all(AT), range(8)))
    assert sum(counts) == 20
    assert all_sealed() == sorted(f"fee:{name}" for name in names)
    assert faults() == []


@pytest.mark.ministack
def test_a_crash_at_any_call_of_sealing_is_gone_on_from(
    afresh: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.earnings.records.ledger.BUCKETS", 1)
    monkeypatch.setattr("chalicelib.earnings.books.sealing.BATCH_ENTRIES", 2)
    names = ("a", "b", "c")

    def seal() -> None:
        sealing.seal_all(AT)

    posted(*names)
    for plan in every_point(seal):
        afresh()
        posted(*names)
        with planted(plan), pytest.raises(Crash):
            seal()
        seal()
        assert all_sealed() == ["fee:a", "fee:b", "fee:c"]
        assert faults() == []


def test_a_lost_race_for_the_head_is_run_again(sealed: list[str]) -> None:
    posted("g")
    stale = table.fetch_one(seals.wanted_head())
    sealing.seal_all(AT)
    batch = Batch(f"{MONTH}#00", stale.number + 1, (("fee:z", "0" * 64),))
    with pytest.raises(table.Refused):
        seals.append(link_of(batch, after=stale, month=MONTH, at="now"), batch, {}, after=stale)
    assert faults() == []
