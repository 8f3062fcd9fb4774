"""What pages with a form share: where it may lead, and which of its fields need another look."""

import msgspec

from chalicelib.kit.refusals import Refusal


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That one means it."""

    confirmed: str = ""

    @property
    def is_given(self) -> bool:
        return self.confirmed == "yes"


def inside(path: str, otherwise: str = "/") -> str:
    """A page of this site to go on to: a form must not send anybody elsewhere."""
    is_ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_ours else otherwise


def faults(refusal: Refusal | None, field: str) -> dict[str, str]:
    """Each field with what is wrong in it; what has no place of its own is said at `field`."""
    return {
        fault.at.removeprefix("body.") if fault.at.startswith("body.") else field: fault.message
        for fault in (refusal.faults if refusal else ())
    }
