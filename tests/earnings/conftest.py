"""Stripe as the earnings room meets it, and tables that no other test has written in."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.kit import clock, ids, kept
from chalicelib.kit import settings as kit_settings
from chalicelib.kit.table import Record
from infra import cloud as local_cloud
from infra import template
from infra.cloud import MiniStack
from tests.conftest import forget
from tests.earnings.a_month import Cast, a_cast, a_november
from tests.stripe_stand_in import Here, stand_in


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """The stand-in; ask for it after `aws` or `cloud`, to whose settings it adds itself."""
    with stand_in(tmp_path) as running:
        monkeypatch.setenv("STRIPE_URL", running.url)
        monkeypatch.setenv("CLOCK_FILE", str(running.clock_file))
        kit_settings.settings.cache_clear()
        yield running
    kit_settings.settings.cache_clear()


@pytest.fixture
def move_to(here: Here) -> Callable[[datetime], None]:
    """Moves the product's clock, and Stripe's."""

    def move(moment: datetime) -> None:
        here.clock_file.write_text("0")
        here.clock_file.write_text(str(int((moment - clock.now()).total_seconds())))

    return move


@pytest.fixture
def cast(aws: None) -> Cast:
    """A November was lived, and is not closed."""
    made = a_cast()
    a_november(made)
    return made


@pytest.fixture
def afresh(cloud: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Tables of MiniStack that no other test writes in; call it to empty those of earnings and limits."""
    dynamodb = local_cloud.client("dynamodb", cloud.url)
    prefix = f"t{ids.new()}"
    for table in template.tables(prefix):
        table.pop("StreamSpecification", None)
        dynamodb.create_table(**table)
    monkeypatch.setenv("TABLE_PREFIX", prefix)
    kit_settings.settings.cache_clear()
    _unbind()

    def empty() -> None:
        for name in ("earnings", "limits"):
            _empty(dynamodb, f"{prefix}-{name}")
        kept.forget()

    yield empty
    forget()
    _unbind()


@pytest.fixture
def few_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two where the product has sixteen: a test that dies at each call need not die in sixteen alike."""
    rooms = (
        "members.records.dues.SHARDS",
        "earnings.records.ledger.BUCKETS",
        "earnings.records.taking.BUCKETS",
    )
    for constant in rooms:
        monkeypatch.setattr(f"chalicelib.{constant}", 2)


def _empty(dynamodb: Any, table: str) -> None:
    keys = [{"pk": each["pk"], "sk": each["sk"]} for each in dynamodb.scan(TableName=table)["Items"]]
    for at in range(0, len(keys), 25):
        deletes = [{"DeleteRequest": {"Key": key}} for key in keys[at : at + 25]]
        dynamodb.batch_write_item(RequestItems={table: deletes})


def _unbind() -> None:
    """PynamoDB's models keep the table that they first met."""
    models: list[Any] = list(Record.__subclasses__())
    for model in models:
        model._connection = None


@pytest.fixture
def aws(exact: None) -> None:
    """Here much is read and written."""
