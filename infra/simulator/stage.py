"""Where worlds are played: the product runs in this process, and all that is outside of it is the world's."""

import gc
import logging
import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from infra.simulator import lean
from infra.simulator.cloud import answering, environment
from infra.simulator.world import STRIPE_URL, World

BUCKETS = 2  # where the product has sixteen: what holds for two that are unlike holds for more
RUBBISH = 200_000
SPREAD = ("BUCKETS", "SHARDS")


@dataclass
class Stage:
    """The world that is played now."""

    world: World = field(default_factory=World)
    chance: random.Random = field(default_factory=random.Random)

    surprises: list[str] = field(default_factory=list)
    """What the product caught that no service being busy or silent explains."""

    second: Callable[[], None] | None = None
    """What somebody else does in the middle of what is being done, before its call of this number."""
    second_after: int = 0

    def is_called(self) -> None:
        """A call is about to be answered: whoever comes in the middle of this deed comes now, or later."""
        if self.second and self.second_after == 0:
            second, self.second = self.second, None
            second()
        self.second_after -= 1

    def sets(self, **settings: str) -> None:
        """As if deployed anew with these settings."""
        from chalicelib.kit.settings import settings as known

        os.environ.update(settings)
        known.cache_clear()

    def notes_surprise(self) -> None:
        error = sys.exc_info()[1]
        if error is not None and not expected(error):
            self.surprises.append(f"{type(error).__name__}: {error}")

    def begin(self, seed: str) -> World:
        """A new world, in which all that is random follows from the seed."""
        from chalicelib.kit import kept

        self.chance = random.Random(seed)  # noqa: S311 - it has to come again
        random.seed(f"{seed}/waits")
        self.world, self.surprises, self.second = World(), [], None
        self.sets(TRIAL_DAYS="0", PROMOTION_CODES="yes")
        kept.forget()
        return self.world


def expected(error: BaseException) -> bool:
    """Whether this is how the product says that something outside is not as it should be."""
    from chalicelib.kit.queues import Untold
    from chalicelib.kit.refusals import Refusal
    from chalicelib.kit.telemetry import overload_of

    return isinstance(error, Refusal | Untold) or overload_of(error) is not None


@contextmanager
def staged() -> Iterator[Stage]:
    """The product's surroundings replaced, for as many worlds as are begun in this block."""
    with ExitStack() as stack:
        wanted = environment() | {"STRIPE_URL": STRIPE_URL, "POWERTOOLS_TRACE_DISABLED": "true"}
        stack.enter_context(patch.dict(os.environ, wanted))
        _know_it_all()
        _forget()
        stack.callback(_forget)
        stage = Stage()
        stack.enter_context(answering(_Present(stage)))  # type: ignore[arg-type]
        for target, name, value in _replaced(stage):
            stack.enter_context(patch.object(target, name, value))
        stack.enter_context(_quiet())
        gc.freeze()  # histories leave little rubbish, and looking for it takes a tenth of the time
        stack.callback(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(RUBBISH)
        yield stage


@dataclass
class _Present:
    """Whatever world is played, its cloud answers."""

    stage: Stage

    def answer(self, service: str, operation: str, asked: Any) -> Any:
        self.stage.is_called()
        self.stage.world.clock.passes(milliseconds=1)  # so that what comes later is later
        return self.stage.world.cloud.answer(service, operation, asked)


def _know_it_all() -> None:
    """Everything that is driven is imported before it is changed."""
    import stripe  # noqa: F401

    import app
    import chalicelib.earnings.month_end.striking
    import chalicelib.earnings.service
    import chalicelib.members.service
    import chalicelib.reads.striking  # noqa: F401

    app.app.open()


def _replaced(stage: Stage) -> Iterator[tuple[Any, str, Any]]:
    import stripe

    from chalicelib.kit import clock, ids, stripe_bank, telemetry

    def asks(self: Any, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        stage.is_called()
        return stage.world.asks(method, url, headers, post_data)

    def sleeps(seconds: float) -> None:
        stage.world.clock.passes(seconds=seconds)

    yield stripe.RequestsClient, "request", asks
    yield from lean.replaced()
    yield time, "sleep", sleeps
    yield clock, "now", lambda: clock.to_the_millisecond(stage.world.clock.moment)
    yield secrets, "randbits", lambda bits: stage.chance.getrandbits(bits)
    yield ids, "spread", lambda: 1.0
    yield telemetry.log, "exception", lambda *said, **more: stage.notes_surprise()
    counts = telemetry.count
    patience: Any = stripe_bank.Bank.__init__
    yield patience, "__kwdefaults__", patience.__kwdefaults__ | {"pause": sleeps}
    for name, module in list(sys.modules.items()):
        if name.startswith("chalicelib."):
            yield from ((module, each, BUCKETS) for each in SPREAD if vars(module).get(each) == 16)
            if vars(module).get("count") is counts:
                yield module, "count", lambda name, by=1: None


@contextmanager
def _quiet() -> Iterator[None]:
    """The product's log would be most of what is printed, and of the time."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _forget() -> None:
    from chalicelib.kit import aws, kept, settings

    settings.settings.cache_clear()
    aws.client.cache_clear()
    kept.forget()
