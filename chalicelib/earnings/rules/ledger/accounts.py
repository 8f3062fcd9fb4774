"""The accounts of the ledger: what is held is positive, what is owed is minus its account."""

STRIPE, BANK, FEES, DISPUTED, LOSS = "stripe", "bank", "fees", "disputed", "loss"
TAX, DEFERRED, PLATFORM, COMMONS = "tax:payable", "dues:deferred", "platform", "commons"

SHARED = frozenset({STRIPE, BANK, FEES, DISPUTED, LOSS, TAX, DEFERRED, PLATFORM, COMMONS})
PERSONAL = ("partner:", "held:", "carried:", "credit:")
"""Accounts of one person each."""
WITHHELD = "withheld:"
"""Of one tax authority each: many partners' pay moves one."""


def is_account(name: str) -> bool:
    return name in SHARED or (name.startswith((*PERSONAL, WITHHELD)) and not name.endswith(":"))


def group_of(name: str) -> str:
    """`partner:*` of a partner's account, and so on; a shared account is its own group."""
    return name if name in SHARED else f"{name.partition(':')[0]}:*"


def partner_account(partner: str) -> str:
    return f"partner:{partner}"


def held_account(partner: str) -> str:
    return f"held:{partner}"


def carried_account(member: str) -> str:
    return f"carried:{member}"


def credit_account(member: str) -> str:
    return f"credit:{member}"


def withheld_account(authority: str) -> str:
    return f"{WITHHELD}{authority}"
