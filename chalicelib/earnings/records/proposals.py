"""What one operator proposed to pay for a month, and who approved it."""

from dataclasses import asdict, fields

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.consent import Proposal
from chalicelib.kit import table

PROPOSALS = "pay-proposals"
NAMES = frozenset(each.name for each in fields(Proposal)) - {"month"}


class ProposalRecord(table.Record):
    class Meta:
        feature = FEATURE

    digest = UnicodeAttribute()
    plan = UnicodeAttribute()
    partners = NumberAttribute()
    sent_minor = NumberAttribute()
    withheld_minor = NumberAttribute()
    proposed_by = UnicodeAttribute()
    proposed_at = UnicodeAttribute()
    approved_by = UnicodeAttribute()
    approved_at = UnicodeAttribute()
    version = NumberAttribute()


def wanted_proposal(month: str) -> table.Wanted[Proposal | None]:
    return table.Wanted(FEATURE, PROPOSALS, month, _proposal)


def put(proposal: Proposal) -> bool:
    """Keep it, and this state of it in the history; False when another was faster."""
    values = asdict(proposal)
    del values["month"]
    before = ProposalRecord.version == proposal.version - 1
    first = ProposalRecord.version.does_not_exist()

    def build(transaction: TransactWrite) -> None:
        present = ProposalRecord(PROPOSALS, proposal.month, **values)
        transaction.save(present, condition=first if proposal.version == 1 else before)
        transaction.save(ProposalRecord(f"proposed#{proposal.month}", f"{proposal.version:06}", **values))

    try:
        table.commit(build)
    except table.Refused:
        return False
    return True


def _proposal(item: table.Item | None) -> Proposal | None:
    if item is None:
        return None
    return Proposal(item["sk"], **{name: item[name] for name in NAMES & item.keys()})
