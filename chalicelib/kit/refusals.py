"""What Longhand says no with: a status, a stable code, and a sentence that says what to do."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where (`body.title`), why, and its stable code."""

    at: str
    message: str
    code: int


class Refusal(Exception):
    """A no that the person who asked can act on; a programmer's mistake is never one."""

    status: ClassVar[int]
    default_code: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        at: str = "",
        faults: tuple[Fault, ...] = (),
        retry_after_s: int = 0,
        known: object = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.faults = faults or (Fault(at, message, self.code),)
        self.retry_after_s = retry_after_s
        self.known = known
        """What the asker needs to go on: of a lost race, the present version."""


class Malformed(Refusal):
    status, default_code, title = 400, 4000, "That could not be read"


class Unsigned(Refusal):
    status, default_code, title = 401, 4010, "Sign in first"


class Unpaid(Refusal):
    status, default_code, title = 402, 4020, "The card did not pay"


class Forbidden(Refusal):
    status, default_code, title = 403, 4030, "That is not yours to do"


class NotFound(Refusal):
    status, default_code, title = 404, 4040, "There is nothing here"


class WrongMethod(Refusal):
    status, default_code, title = 405, 4050, "That cannot be done here"


class Conflict(Refusal):
    status, default_code, title = 409, 4090, "That is taken or already done"


class LostRace(Refusal):
    status, default_code, title = 412, 4120, "Somebody was faster"


class TooLarge(Refusal):
    status, default_code, title = 413, 4130, "That is too large"


class Invalid(Refusal):
    status, default_code, title = 422, 4220, "That cannot be right"


class Unconditional(Refusal):
    status, default_code, title = 428, 4280, "Say which version you changed"


class TooMany(Refusal):
    status, default_code, title = 429, 4290, "Too many at once"


class Unavailable(Refusal):
    status, default_code, title = 503, 5030, "Try again in a moment"
