"""Trials: one a person, which the page to pay on sees to, and one a card, which only shows when it is chosen.

A card that had a trial of somebody else's, or that paid here before, has none: the membership ends at once,
nothing is charged, and whoever wants to pay may.
"""

from datetime import datetime, timedelta

from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_values import Subscription
from chalicelib.kit.telemetry import count, log
from chalicelib.members import letters, posting
from chalicelib.members.records import trials

THE_SAME_SECOND = timedelta(seconds=1)  # in which Stripe says that a trial began, without its fraction


def judge(subscription: Subscription, person_id: str, at: datetime) -> bool:
    """Whether this trial may go on; one that may not is ended."""
    fingerprint = bank().card_of(subscription.id)
    if not fingerprint or _is_first(fingerprint, person_id, subscription.start):
        return True
    log.info("a card had its trial before", extra={"subscription": subscription.id})
    count("TrialsRefused")
    bank().end_subscription(subscription.id)
    posting.to_person(person_id, letters.trial_refused(), about=f"ended:{subscription.id}", at=at)
    return False


def _is_first(fingerprint: str, person_id: str, began: datetime) -> bool:
    charged = trials.first_charged(fingerprint)
    paid_before = charged is not None and charged < began + THE_SAME_SECOND
    return trials.tried_by(fingerprint, person_id) == person_id and not paid_before
