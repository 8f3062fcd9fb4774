"""Stripe's answers that are read when somebody looks are what the library makes of them at once."""

import json
from typing import Any
from unittest.mock import patch

import pytest
import stripe
from stripe import _util

from infra.simulator.history import Opening
from infra.simulator.lean import Unread
from infra.simulator.stage import Stage

AT_ONCE = vars(stripe.StripeObject)["_construct_from"]
V2 = ("account", "thin_event")


@pytest.fixture
def answers(stage: Stage, begun: Opening) -> list[tuple[str, dict[str, Any]]]:
    """All that Stripe knows after a month, and a list of it, each with the API that tells it."""
    stage.begin("lean").put_back(begun.kept[1])
    known = json.loads(json.dumps(stage.world.books.objects))
    alone = [("V2" if kind in V2 else "V1", each) for kind, all_ in known.items() for each in all_.values()]
    invoices = {"object": "list", "data": list(known["invoice"].values()), "has_more": False, "url": "/v1/x"}
    coded = {"object": "promotion_code", "restrictions": {"currency_options": {"usd": {"minimum_amount": 1}}}}
    return [*alone, ("V1", invoices), ("V1", coded)]


def read(api: str, answer: dict[str, Any]) -> Any:
    asked: Any = stripe.StripeClient("sk_test_1")._requestor
    mode: Any = api
    return _util._convert_to_stripe_object(resp=answer, requestor=asked, api_mode=mode)


def told(thing: Any) -> Any:
    """A thing and all in it, with the library's class of each."""
    if isinstance(thing, stripe.StripeObject):
        return type(thing).__name__, [(name, told(thing[name])) for name in thing.to_dict(recursive=False)]
    if isinstance(thing, dict):
        return [(name, told(each)) for name, each in thing.items()]
    return [told(each) for each in thing] if isinstance(thing, list) else thing


@pytest.fixture
def at_once(answers: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    with patch.object(stripe.StripeObject, "_construct_from", AT_ONCE):
        return [read(*each) for each in answers]


def test_every_answer_is_the_same_in_all_its_parts(
    answers: list[tuple[str, dict[str, Any]]], at_once: list[Any]
) -> None:
    late = [read(*each) for each in answers]
    assert {type(each._data) for each in late} == {Unread}
    assert {type(each._data) for each in at_once} == {dict}
    assert len({type(each) for each in at_once}) > 10
    assert [told(each) for each in late] == [told(each) for each in at_once]


def test_an_answer_is_whole_however_it_is_asked_for(
    answers: list[tuple[str, dict[str, Any]]], at_once: list[Any]
) -> None:
    for each, whole in zip(answers, at_once, strict=True):
        assert read(*each).to_dict() == whole.to_dict()
        assert read(*each) == whole
        assert read(*each) == read(*each)
        assert read(*each)._data.get("nothing", 1) == 1
