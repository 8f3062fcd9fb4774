"""The package, deployed to a MiniStack for a test, beside the local server that it is compared with."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import cloud as local_cloud
from infra import deploy_local
from infra.cloud import MiniStack
from infra.deploy_local import Deployed
from infra.local_pages import mail_of
from tests.infra.visits import Answer, Visitor, visit
from tests.sites import Site


@dataclass(frozen=True)
class Packaged:
    """The deployed package, its cloud and its clock."""

    deployed: Deployed
    ministack: MiniStack
    clock: Path
    visitor: Visitor

    def visitor_called(self, handle: str) -> Visitor:
        return Visitor(self.deployed.url, self.visitor.mails, handle, doubles_percent=True)

    def client(self, service: str) -> Any:
        return local_cloud.client(service, self.ministack.url)


@contextmanager
def deployed(site: Site, folder: Path, state: Path) -> Iterator[Packaged]:
    """With the addresses, prices and stand-in of `site`, so that both say the same."""
    clock = state / "clock"
    clock.write_text("0")
    ministack = MiniStack(state)
    try:
        ministack.start()
        made = deploy_local.deploy(ministack, folder, _parameters(site, clock))
        _sweep_each_minute(local_cloud.client("events", ministack.url))
        visitor = Visitor(made.url, lambda to: _mails(ministack, to), doubles_percent=True)
        yield Packaged(made, ministack, clock, visitor)
    finally:
        ministack.stop()


def differences(there: Visitor, here: Visitor) -> list[str]:
    """Both make the same visit; what was answered otherwise there than here, or broke in both."""
    packaged, local = list(visit(there)), list(visit(here))
    assert len(local) >= 30
    assert [name for name, _ in packaged] == [name for name, _ in local]
    pairs = [
        (name, _said(theirs), _said(ours)) for (name, theirs), (_, ours) in zip(packaged, local, strict=True)
    ]
    differing = [_difference(*pair) for pair in pairs if pair[1] != pair[2]]
    return differing + [f"{name}: {answer}" for name, answer in local if answer.status >= 500]


def _said(answer: Answer) -> str:
    return f"{answer.status} {dict(sorted(answer.headers.items()))} {answer.body}"


def _difference(name: str, theirs: str, ours: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), 0)
    start = max(0, at - 60)
    return f"{name}\n  packaged …{theirs[start : at + 100]}\n  local    …{ours[start : at + 100]}"


def _parameters(site: Site, clock: Path) -> dict[str, str]:
    """What makes both deployments say the same: the addresses and the stand-in of the local server."""
    return {
        "Prefix": local_cloud.PREFIX,
        "Stage": "local",
        "SiteUrl": site.url,
        "MediaUrl": site.media_url,
        "MailFrom": local_cloud.MAIL_FROM,
        "Operators": local_cloud.OPERATOR,
        "StripeUrl": site.environment["STRIPE_URL"],
        "StripePrices": site.environment["STRIPE_PRICES"],
        "Commit": site.environment["COMMIT"],
        "ClockFile": str(clock),
    }


def _sweep_each_minute(events: Any) -> None:
    rule = next(each for each in events.list_rules()["Rules"] if "SweepHourly" in each["Name"])
    events.put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)", State="ENABLED")


def _mails(ministack: MiniStack, to: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{ministack.url}/_ministack/ses/messages", timeout=10) as answer:
        kept = json.load(answer)["messages"]
    mails = [mail_of(each) for sent in kept.values() for each in sent]
    return [mail for mail in reversed(mails) if to in mail["to"]]
