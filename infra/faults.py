"""What goes wrong between us and AWS or Stripe, planted at a chosen call, from a seed; and calls counted.

Every call of every AWS client passes one method of botocore's, and every call of the `stripe` library one
of its HTTP client's: both are wrapped while a plan is in force, so the code under test knows nothing of it.
A crash is a BaseException: nothing that the product catches can swallow it, as no process outlives its end.
A kill is the end itself, by SIGKILL, for a process of its own.
"""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NoReturn

READING = ("Get", "BatchGet", "Query", "Scan", "List", "Head", "Describe")
FAULTS = ("crash before", "crash after", "throttle", "conflict", "timeout", "duplicate")
KILLS = ("kill before", "kill after")

Deed = Callable[[], object]


class Crash(BaseException):
    """The process died here."""


@dataclass(frozen=True)
class Call:
    """One call as it was made: its number in the run, and what was asked of whom."""

    number: int
    service: str
    operation: str

    def __str__(self) -> str:
        return f"{self.number} {self.service}.{self.operation}"

    @property
    def is_write(self) -> bool:
        return not self.operation.startswith(READING)


@dataclass(frozen=True)
class Plan:
    """One fault at the call of this number, or at random: `each` in 1,000 calls, from `seed`."""

    fault: str
    at: int = -1
    each: int = 0
    seed: int = 0
    of_writes: bool = False
    """Whether `at` counts only calls that change something."""

    def __post_init__(self) -> None:
        if self.fault not in FAULTS + KILLS:
            raise ValueError(f"{self.fault} is none of {', '.join(FAULTS + KILLS)}")


@dataclass
class Watch:
    """The calls made while it watched, in order; `struck` are those at which a fault was planted."""

    plan: Plan | None = None
    calls: list[Call] = field(default_factory=list)
    struck: list[Call] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        if self.plan:
            self._chance = random.Random(self.plan.seed)  # noqa: S311

    def count(self, service: str = "", operation: str = "") -> int:
        """How many calls went to this service, or were of this operation."""
        return sum(
            call.service.startswith(service) and call.operation.startswith(operation) for call in self.calls
        )

    def _number(self, call: Call) -> int:
        """Where it stands among those that the plan counts."""
        if not self.plan or not self.plan.of_writes:
            return call.number
        return sum(each.is_write for each in self.calls) - 1 if call.is_write else -2

    def fault_for(self, service: str, operation: str) -> str:
        """Note the call; the fault that is planned for it, or `""`."""
        with self._lock:
            call = Call(len(self.calls), service, operation)
            self.calls.append(call)
            if not self.plan:
                return ""
            due = self._number(call) == self.plan.at or self._chance.randrange(1000) < self.plan.each
            if due:
                self.struck.append(call)
            return self.plan.fault if due else ""


@contextmanager
def counting() -> Iterator[Watch]:
    """Count every call to AWS and Stripe made in this block, by any thread."""
    with _watched(Watch()) as watch:
        yield watch


@contextmanager
def planted(plan: Plan) -> Iterator[Watch]:
    """Let the planned fault happen in this block."""
    with _watched(Watch(plan)) as watch:
        yield watch


def every_point(deed: Callable[[], object], *, faults: tuple[str, ...] = FAULTS[:2]) -> list[Plan]:
    """One plan for each call that `deed` makes when all goes well, and each of `faults`.

    The deed is done once, to count; whoever uses the plans begins each from a fresh state.
    """
    with counting() as watch:
        deed()
    return [Plan(fault, at=call.number) for call in watch.calls for fault in faults]


def every_death(arrange: Callable[[], Deed]) -> Iterator[tuple[Plan, Deed]]:
    """Arrange a deed and die at a call of it, before or after; at the next call the next time, to the last.

    For a deed that makes not the same calls each time: it ends with the run in which nobody died. What is
    given is how it died, and the deed to be done again.
    """
    for fault in FAULTS[:2]:
        for number in count():
            deed, plan = arrange(), Plan(fault, at=number)
            with planted(plan) as watch, suppress(Crash):
                deed()
            if not watch.struck:
                break
            yield plan, deed


def every_write(deed: Callable[[], object]) -> list[Plan]:
    """A crash before anything is written, and one after each write that `deed` makes when all goes well.

    A crash between two writes leaves what the first of them left: so these are all the states there are.
    """
    with counting() as watch:
        deed()
    writes = [call.number for call in watch.calls if call.is_write]
    return [Plan("crash before", at=0), *(Plan("crash after", at=number) for number in writes)]


@contextmanager
def _watched(watch: Watch) -> Iterator[Watch]:
    from botocore.client import BaseClient

    aws = BaseClient._make_api_call

    def call_aws(self: Any, operation: str, asked: Mapping[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        fault = watch.fault_for(service, operation)
        return _struck(
            fault, lambda: aws(self, operation, dict(asked)), lambda: _aws_error(fault, operation, asked)
        )

    BaseClient._make_api_call = call_aws
    undo = _watch_stripe(watch)
    try:
        yield watch
    finally:
        BaseClient._make_api_call = aws
        undo()


def _watch_stripe(watch: Watch) -> Callable[[], None]:
    from stripe._http_client import HTTPClient

    kept = {kind: kind.request for kind in HTTPClient.__subclasses__() if "request" in vars(kind)}

    def watched(real: Any) -> Any:
        def call_stripe(self: Any, method: str, url: str, *rest: Any, **more: Any) -> Any:
            path = "/" + url.split("/", 3)[-1].split("?")[0]
            fault = watch.fault_for("stripe", f"{method} {path}".lower())
            if fault in ("throttle", "conflict"):
                return _stripe_answer(fault)
            return _struck(fault, lambda: real(self, method, url, *rest, **more), _stripe_lost)

        return call_stripe

    for kind, real in kept.items():
        kind.request = watched(real)  # type: ignore[method-assign]

    def undo() -> None:
        for kind, real in kept.items():
            kind.request = real  # type: ignore[method-assign]

    return undo


def _struck(fault: str, do: Callable[[], Any], error: Callable[[], Any]) -> Any:
    if fault == "crash before":
        raise Crash("before the call")
    if fault == "kill before":
        _die()
    if fault in ("throttle", "conflict"):
        raise error()
    if fault in ("crash after", "timeout"):
        with suppress(Exception):  # a refusal is an answer, and is lost like any other
            do()
        raise Crash("after the call") if fault == "crash after" else error()
    if fault == "kill after":
        with suppress(Exception):
            do()
        _die()
    answer = do()
    return do() if fault == "duplicate" else answer


def _die() -> NoReturn:
    """As if the plug was pulled: nothing is caught, closed, flushed or said."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives this")


def _aws_error(fault: str, operation: str, asked: Mapping[str, Any]) -> Any:
    from botocore.exceptions import ClientError, ReadTimeoutError

    if fault == "timeout":
        return ReadTimeoutError(endpoint_url="planted")
    if fault == "throttle":
        code = "ProvisionedThroughputExceededException"
        return ClientError({"Error": {"Code": code, "Message": "planted"}}, operation)
    if operation != "TransactWriteItems":
        return ClientError(
            {"Error": {"Code": "TransactionConflictException", "Message": "planted"}}, operation
        )
    reasons = [{"Code": "None"} for _ in asked["TransactItems"]]
    reasons[0] = {"Code": "TransactionConflict", "Message": "planted"}
    answer = {
        "Error": {"Code": "TransactionCanceledException", "Message": "planted"},
        "CancellationReasons": reasons,
    }
    return ClientError(answer, operation)


def _stripe_answer(fault: str) -> tuple[str, int, dict[str, str]]:
    status, kind = (429, "rate_limit") if fault == "throttle" else (409, "lock_timeout")
    return (
        f'{{"error": {{"type": "invalid_request_error", "code": "{kind}", "message": "planted"}}}}',
        status,
        {},
    )


def _stripe_lost() -> Any:
    from stripe import APIConnectionError

    lost: Any = APIConnectionError
    return lost("planted: the answer was lost", should_retry=True)
