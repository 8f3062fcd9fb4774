"""The month from the command line, in process, on MiniStack and the Stripe stand-in."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from infra import cloud as local_cloud
from infra import month
from infra.environments import ROOT
from tests.earnings.a_month import a_cast, a_november
from tests.earnings.arranging import a_partner
from tests.earnings.conftest import afresh, here  # noqa: F401 - fixtures
from tests.stripe_stand_in import Here

pytestmark = pytest.mark.ministack
AT = ["--at", "2026-12-03T08:00:00Z"]


def said(capsys: pytest.CaptureFixture[Any]) -> str:
    return capsys.readouterr().out


def test_a_month_is_estimated_closed_paid_and_exported(
    afresh: Callable[[], None],  # noqa: F811
    here: Here,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    cast = a_cast()
    a_november(cast)
    a_partner(here, name=cast.maren)
    here.control("topup", amount=100_000)
    assert month.main(["estimate", "2026-11", "--at", "2026-11-20T08:00:00Z"]) == 0
    assert month.main(["close", "2026-11", "--at", "2026-12-01T08:00:00Z"]) == month.FAILED
    assert "2026-11 can be closed from 2026-12-03 00:15 UTC on" in capsys.readouterr().err
    assert month.main(["close", "2026-11", *AT]) == 0
    assert "entries sealed" in capsys.readouterr().err
    assert month.main(["pay", "2026-11", *AT]) == 0
    (transfer,) = here.state()["transfer"]
    said(capsys)
    assert month.main(["status", "2026-11", *AT]) == 0
    found = json.loads(said(capsys))
    (payout,) = found["payouts"]
    assert payout.items() >= {
        ("month", "2026-11"),
        ("amount_minor", transfer["amount"]),
        ("state", "sent"),
        ("transfer", transfer["id"]),
        ("sent_at", "2026-12-03T08:00:00.000Z"),
    }
    assert found["trial_balance"] == 0


def test_closing_and_paying_again_from_another_process_changes_nothing(
    afresh: Callable[[], None],  # noqa: F811
    here: Here,  # noqa: F811
) -> None:
    cast = a_cast()
    a_november(cast)
    a_partner(here, name=cast.maren)
    here.control("topup", amount=100_000)
    for deed in ("close", "pay", "close", "pay"):
        done = _month(deed, "2026-11", *AT)
        assert done.returncode == 0, done.stderr
    assert len(here.state()["transfer"]) == 1
    exported = _month("export", "2026-11").stdout
    assert json.loads(exported)["currency"] == "usd"


def _month(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.month", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **local_cloud.credentials()}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
