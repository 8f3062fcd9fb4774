"""The queue `months` as the tests carry it: in any order, twice, or by two at once."""

from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest

from chalicelib.earnings.month_end import closing, line
from chalicelib.kit.queues import Fact

ROUNDS_MAX = 2_000  # a close of these small months takes some hundred messages


class Queue:
    """Everything told, in place of SQS: what is in it lies in no order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int = 0) -> None:
        self.chance, self.facts, self.heard = Random(seed), list[Fact](), list[Fact]()
        monkeypatch.setattr("chalicelib.kit.queues.tell", self._told)

    def take(self) -> Fact:
        """One of them, whichever."""
        fact = self.facts.pop(self.chance.randrange(len(self.facts)))
        self.heard.append(fact)
        return fact

    def carry(self, at: datetime, *, again: Callable[[Random], bool] = lambda _: False) -> None:
        """Until it is empty; some messages come again, at once or much later."""
        for _ in range(ROUNDS_MAX):
            if not self.facts:
                return
            fact = self.take()
            if again(self.chance):
                self.facts.append(fact)
            if again(self.chance):
                self.facts.append(self.chance.choice(self.heard))
            line.hear(fact, at)
        raise AssertionError("the messages never end")

    def _told(self, queue: str, facts: list[Fact]) -> None:
        self.facts += [each for each in facts if queue == "months" and each.fact == line.PART]


def close_by_messages(queue: Queue, month: str, at: datetime) -> None:
    closing.ask(month, at)
    queue.carry(at)
