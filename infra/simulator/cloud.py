"""The cloud in memory: every call of every AWS client is answered here, while it lasts."""

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from infra import cloud as local_cloud
from infra import template
from infra.simulator.dynamodb import DynamoDB, Refused
from infra.simulator.grammar import Unknown
from infra.simulator.services import S3, SES, SQS, SSM
from infra.simulator.tables import Table
from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS

SIGNING_KEYS = "5e" * 32  # opens nothing but a cloud that lasts as long as this process
SITE_URL, MEDIA_URL = "http://localhost:8000", "http://localhost:8001"


@dataclass
class Cloud:
    """Its services; everything is gone with it."""

    dynamodb: DynamoDB = field(default_factory=DynamoDB)
    s3: S3 = field(default_factory=S3)
    sqs: SQS = field(default_factory=SQS)
    ssm: SSM = field(default_factory=SSM)
    sesv2: SES = field(default_factory=SES)

    def answer(self, service: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refused for what the service refuses, Unknown for what it was not taught."""
        known = vars(self).get(service)
        if known is None:
            raise Unknown(f"{service}.{operation}")
        answer: dict[str, Any] = known.call(operation, asked)
        return answer


def environment() -> dict[str, str]:
    """What the product has to find in its environment."""
    return local_cloud.credentials() | local_cloud.settings(SITE_URL, MEDIA_URL)


def stocked(prefix: str = local_cloud.PREFIX) -> Cloud:
    """A cloud with every table, queue, bucket and secret that resources.yaml names, all empty."""
    made = Cloud()
    tables, queues, buckets = _named(prefix)
    made.dynamodb.tables = {name: Table(name) for name in tables}
    addresses = local_cloud.settings(SITE_URL, MEDIA_URL, prefix)["QUEUE_URL_PREFIX"]
    made.sqs.queues = {f"{addresses}{name.removeprefix(f'{prefix}-')}": [] for name in queues}
    made.s3.buckets = {name: {} for name in buckets}
    secrets = {
        "signing-keys": SIGNING_KEYS,
        "stripe-key": KEY,
        "stripe-webhook-secret": SECRET,
        "stripe-accounts-webhook-secret": SECRET_ACCOUNTS,
    }
    made.ssm.parameters = {f"{local_cloud.SECRETS_PATH}/{name}": value for name, value in secrets.items()}
    return made


@cache
def _named(prefix: str) -> tuple[list[str], list[str], list[str]]:
    """The tables, queues and buckets of resources.yaml, which takes longer to read than a history."""
    tables = [each["TableName"] for each in template.tables(prefix)]
    return tables, list(template.queues(prefix)), list(template.buckets(prefix, local_cloud.ACCOUNT))


@contextmanager
def answering(cloud: Cloud, *, only: Container[str] | None = None) -> Iterator[Cloud]:
    """Let this cloud answer in this block, or `only` these services of it; planted faults strike above."""
    from botocore.client import BaseClient

    real = BaseClient._make_api_call

    def call(self: Any, operation: str, asked: Mapping[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        if only is not None and service not in only:
            return real(self, operation, asked)
        try:
            return cloud.answer(service, operation, asked)
        except Refused as refused:
            told = {"Error": {"Code": refused.code, "Message": refused.message}, **refused.more}
            raise self.exceptions.from_code(refused.code)(told, operation) from refused

    BaseClient._make_api_call = call
    try:
        yield cloud
    finally:
        BaseClient._make_api_call = real
