"""Every kind of entry that there is: the form of its id, and what it means in words."""

import re
from dataclasses import dataclass

_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class EntryKind:
    form: str
    """The id, with what varies in braces."""
    means: str
    has_parts: bool = False
    """Whether what stands in braces may itself be of several parts: a correction names its cause and whom."""

    def fits(self, entry_id: str) -> bool:
        varies = ".+" if self.has_parts else "[^:]+"
        return re.fullmatch(_PLACE.sub(varies, self.form), entry_id) is not None


# The first that fits is it: what names a word comes before what names anybody.
ENTRY_KINDS = (
    EntryKind("payment:{invoice}", "A member paid an invoice."),
    EntryKind("fee:{balance_transaction}", "Stripe kept its fee."),
    EntryKind("payout:{id}", "The platform took money from Stripe to its bank."),
    EntryKind("payout:{id}:failed", "The platform's bank sent a payout back to Stripe."),
    EntryKind("topup:{id}", "The platform brought money from its bank to Stripe."),
    EntryKind("remit:{id}", "Taxes were paid to an authority."),
    EntryKind("close:{month}:platform", "The platform's share of a month's dues."),
    EntryKind("close:{month}:{partner}", "What a partner earned in a month."),
    EntryKind("close:{month}:member:{member}", "What a member did not read waits, or was read later."),
    EntryKind("release:{month}:{partner}", "What was held is the partner's to be paid."),
    EntryKind("commons:{month}:{member}", "What a member carried too long went to the commons."),
    EntryKind("grant:{id}", "Two people granted this from the commons."),
    EntryKind("pay:{month}:{partner}", "A partner was paid."),
    EntryKind("pay:leave:{month}:{partner}", "A partner who left was paid."),
    EntryKind("reversal:{id}", "A transfer to a partner came back, whole or in part."),
    EntryKind("refund:{id}", "A member got money back."),
    EntryKind("refund:{id}:failed", "A refund could not be delivered, and came back."),
    EntryKind("repaid:{invoice}", "A member got money back by hand, from the platform's bank."),
    EntryKind("credit:{invoice}", "A withdrawal undid the credit that an invoice used, or made."),
    EntryKind("dispute:{id}:opened", "A bank took a payment back until a dispute is decided."),
    EntryKind("dispute:{id}:won", "A dispute was won, and the money came back."),
    EntryKind("dispute:{id}:lost", "A dispute was lost."),
    EntryKind("refund:{id}:{part}", "More of a refund than one entry has room for."),
    EntryKind("refund:{id}:failed:{part}", "More of a failed refund than one entry has room for."),
    EntryKind("repaid:{invoice}:{part}", "More of what was repaid by hand than one entry has room for."),
    EntryKind("credit:{invoice}:{part}", "More of a credit that was undone than one entry has room for."),
    EntryKind("dispute:{id}:lost:{part}", "More of a lost dispute than one entry has room for."),
    EntryKind(
        "dispute:{id}:won:{part}", "More of a dispute, lost and then won, than one entry has room for."
    ),
    EntryKind("ended:{month}:{member}", "An ended membership left a debt, which is the platform's loss."),
    EntryKind("adjust:{id}", "A partner's balance was corrected after the close.", has_parts=True),
    EntryKind("writeoff:{month}:{partner}", "A partner's debt was given up, and is the platform's loss."),
)


def kind_of(entry_id: str) -> EntryKind | None:
    """What an entry is, by its id; None when no entry has such a one."""
    return next((kind for kind in ENTRY_KINDS if kind.fits(entry_id)), None)
