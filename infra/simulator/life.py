"""Living on: deeds done in spite of faults, webhooks and messages carried as the world carries them."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from random import Random
from typing import Any

from stripe import WebhookSignature

from infra.faults import FAULTS, Crash, Plan, planted
from infra.simulator.cast import Cast
from infra.simulator.services import Message
from infra.simulator.stage import Stage, expected
from infra.simulator.webhooks import Delivery, waiting
from infra.stripe_stand_in import SECRET, SECRET_ACCOUNTS

STRUCK = 0.35  # of deeds, each time that they are tried
PAYING, PAYING_CALLS, STRUCK_PAYING = "message payout.decided", 9, 0.9  # where it matters most
FAULTS_PAYING = (*FAULTS, *(["crash after"] * 4))
MET = 0.08  # of deeds are done by two at once
NEAR, FAR = 12.0, 60.0  # how far into a deed a fault strikes, on average: some are long
HEARD_MAX = 5  # then a message lies in the dead-letter queue
AT_ONCE, A_DAY_AND_MORE = 0.8, 1_600  # minutes: a key of Stripe's is forgotten after a day
TRIED_MAX = 4  # then a person gives up, and perhaps comes back
PATIENCE_MAX = 400  # messages heard in one go; more is a message that makes itself anew


class Surprise(AssertionError):
    """The product said what nothing explains."""


class Life:
    """One history as it goes: what happened, and how it was told."""

    def __init__(self, stage: Stage, cast: Cast, chance: Random, steps: list[str] | None = None) -> None:
        self.stage, self.cast, self.chance = stage, cast, chance
        self.steps = [] if steps is None else steps
        self.faults = True
        self.dead: list[tuple[str, Message]] = []
        self.told: list[Delivery] = []
        self.gifts: list[tuple[str, str]] = []
        """By whom, and which."""
        self.links: dict[str, list[str]] = {}
        """By gift the codes that were handed over, the last of which redeems it."""
        self.slept_at: datetime = self.now
        """When the schedules last ran."""
        self.only: Plan | None = None
        """A fault of a person's choosing, in place of those at random."""

    @property
    def world(self) -> Any:
        return self.stage.world

    @property
    def now(self) -> Any:
        return self.world.clock.moment

    def says(self, what: str) -> None:
        self.steps.append(f"{self.now:%Y-%m-%d %H:%M:%S} {what}")

    def tries(self, what: str, deed: Callable[[], object], *, times: int = TRIED_MAX) -> bool:
        """Do it, again after whatever hinders it, as a person would; whether it was done."""
        for _ in range(times):
            if (done := self.once(what, deed)) is not None:
                return done
            self.world.clock.passes(minutes=self.chance.choice((1, 4, 9)))
        return False

    def once(self, what: str, deed: Callable[[], object]) -> bool | None:
        """One try: True when it was done, False when it may not be, None when nobody knows."""
        from chalicelib.kit.refusals import Refusal

        plan = self._plan(what)
        self._plans_a_second(what, deed)
        try:
            with planted(plan) if plan else nullcontext() as watch:
                deed()
        except Crash:
            self._ended(what, watch, "the process died")
            return None
        except Refusal as refusal:
            self._ended(what, watch, refusal.message)
            return None if refusal.status in (429, 503) else False
        except Exception as error:
            if not expected(error):
                raise Surprise(f"{what}: {type(error).__name__}: {error}") from error
            self._ended(what, watch, "no answer")
            return None
        finally:
            self.stage.second = None
            self._no_surprises(what)
        self._ended(what, watch, "")
        return True

    def passes(self, days: float) -> None:
        """Time goes by, and Stripe renews, retries and pays out what is due."""
        self.world.clock.passes(days=days)
        self.world.control("advance")
        self.says(f"{days:g} days pass")

    def carries(self, count: int | None = None, *, loses: float = 0.0) -> None:
        """Webhooks are delivered: so many, or all, in any order; some twice, and some are lost."""
        due = waiting(self.world)
        self.chance.shuffle(due)
        for each in due if count is None else due[:count]:
            if each.may_be_lost and self.chance.random() < loses:
                self.says(f"{each.type} never comes")
                each.drop(self.world)
            elif self.delivers(each):
                each.drop(self.world)
                self.told.append(each)
        if self.faults and self.told and self.chance.random() < 0.3:
            self.delivers(self.chance.choice(self.told))

    def delivers(self, each: Delivery) -> bool:
        from chalicelib.earnings import service as earnings
        from chalicelib.kit import clock
        from chalicelib.members import service as members

        body = json.dumps(each.event)
        secret = SECRET_ACCOUNTS if each.is_accounts else SECRET
        stamp = int(self.now.timestamp())
        signature = WebhookSignature.generate_signature_header(body, secret, stamp)
        hear = earnings.hear_account if each.is_accounts else members.receive
        return bool(
            self.once(f"{each.type} {each.name}", lambda: hear(body.encode(), signature, clock.now()))
        )

    def hears(self, *, most: int = PATIENCE_MAX) -> None:
        """Messages are heard, in any order, some twice, until none is left or enough were."""
        for _ in range(most):
            found = self._messages()
            if not found:
                return
            self._hears_one(*self.chance.choice(found[:10]))
        if not self.faults:
            raise Surprise("the queues never become empty")

    def redrives(self) -> None:
        """Somebody looks at the dead letters, and lets them be heard again."""
        for queue, message in self.dead:
            message.heard = 0
            self.world.cloud.sqs.queues[queue].append(message)
        self.dead.clear()

    def _messages(self) -> list[tuple[str, Message]]:
        queues = self.world.cloud.sqs.queues
        return [(name, each) for name, queue in queues.items() for each in queue]

    def _hears_one(self, queue: str, message: Message) -> None:
        if message.delay_s:
            self.world.clock.passes(seconds=message.delay_s)
            message.delay_s = 0
        message.heard += 1
        done = self._told(queue, message)
        if done and self.faults and self.chance.random() < 0.1:
            self._told(queue, message)  # SQS delivers at least once
        left = self.world.cloud.sqs.queues[queue]
        if done:
            left.remove(message)
            return
        soon = not self.faults or self.chance.random() < AT_ONCE
        self.world.clock.passes(minutes=6 if soon else A_DAY_AND_MORE)
        if message.heard >= HEARD_MAX:
            left.remove(message)
            self.dead.append((queue, message))

    def _told(self, queue: str, message: Message) -> bool:
        """Whether the handler took it."""
        answers: list[Any] = []
        record = {"messageId": message.name, "body": message.body}
        hear = listeners()[queue.rpartition("-")[2]]
        said = json.loads(message.body)
        self.once(f"message {said['fact']} {said['id']}", lambda: answers.append(hear({"Records": [record]})))
        return bool(answers) and not answers[-1]["batchItemFailures"]

    def _plan(self, what: str) -> Plan | None:
        if self.only:
            plan, self.only = self.only, None
            return plan
        if not self.faults or self.chance.random() >= (STRUCK_PAYING if what.startswith(PAYING) else STRUCK):
            return None
        if what.startswith(PAYING):
            return Plan(self.chance.choice(FAULTS_PAYING), at=self.chance.randrange(PAYING_CALLS))
        mean = self.chance.choice((NEAR, NEAR, FAR))
        return Plan(self.chance.choice(FAULTS), at=int(self.chance.expovariate(1 / mean)))

    def _plans_a_second(self, what: str, deed: Callable[[], object]) -> None:
        """Somebody else may do the same before some call of this deed, to the end, or until both die."""
        if self.faults and self.chance.random() < MET:
            self.stage.second = lambda: self._second(what, deed)
            self.stage.second_after = int(self.chance.expovariate(1 / NEAR))

    def _second(self, what: str, deed: Callable[[], object]) -> None:
        try:
            deed()
        except Exception as error:
            if not expected(error):
                raise Surprise(f"{what}, a second time at once: {type(error).__name__}: {error}") from error
        self.says(f"{what}, a second time while the first goes on")

    def _ended(self, what: str, watch: Any, how: str) -> None:
        struck = [f"{watch.plan.fault} at {each}" for each in watch.struck] if watch else []
        self.says(": ".join(each for each in (what, *struck, how) if each))

    def _no_surprises(self, what: str) -> None:
        if self.stage.surprises:
            raise Surprise(f"{what}: {'; '.join(self.stage.surprises)}")


def listeners() -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """Who hears which queue, as app.py has it."""
    from chalicelib.earnings import service as earnings
    from chalicelib.earnings.pay import paying
    from chalicelib.members import service as members

    return {"months": earnings.hear, "payouts": paying.hear, "reconciling": members.hear}


def chosen(chance: Random, things: Sequence[Any]) -> Any:
    """One of them, None where there is none."""
    return chance.choice(things) if things else None


def a_while(chance: Random) -> timedelta:
    return timedelta(minutes=chance.randrange(1, 600))
