"""Who may touch what: one line a function, from which `.chalice/policy-*.json` is written.

`python -m infra.policies` writes them; a test compares. Chalice's own guess reads app.py alone, so it is off.
The API needs Stripe's key, for Checkout and to fetch what a webhook names; beside it only the month's
two functions do, and the one that asks what no webhook told.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.environments import ROOT

FOLDER = ROOT / ".chalice"
READ = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
WRITE = (
    *READ,
    "dynamodb:ConditionCheckItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
FOLLOW = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
TAKE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
OBJECTS = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject")
ALL_TABLES = (
    "people follows stories engagement media members feeds reads earnings notices limits"  # in resources.yaml
)
ALL_QUEUES = "notices topics cards months payouts reconciling"
STRIPE = "stripe-key"
EVERY_SECRET = f"signing-keys {STRIPE} stripe-webhook-secret stripe-accounts-webhook-secret"


@dataclass(frozen=True)
class Needs:
    """What one function touches; names are separated by spaces."""

    reads: str = ""
    writes: str = ""
    tells: str = ""
    stream: str = ""
    queue: str = ""
    objects: str = ""
    secrets: str = ""
    mails: bool = False


FUNCTIONS = {
    "api": Needs(
        writes=ALL_TABLES, tells=ALL_QUEUES, objects="media store", secrets=EVERY_SECRET, mails=True
    ),
    "people_facts": Needs(stream="people", tells="cards"),
    "follow_facts": Needs(stream="follows", writes="follows", tells="notices"),
    "story_facts": Needs(stream="stories", tells="topics notices"),
    "applause_facts": Needs(stream="engagement", writes="engagement"),
    "tell_followers": Needs(queue="notices", reads="stories follows", writes="notices", tells="notices"),
    "file_topics": Needs(queue="topics", reads="stories", writes="feeds"),
    "refresh_cards": Needs(queue="cards", writes="stories", tells="cards"),
    "run_month": Needs(
        queue="months",
        reads="members people stories reads engagement follows",
        writes="earnings",
        tells="months payouts",
        objects="store",
        secrets=STRIPE,
    ),
    "pay_partner": Needs(
        queue="payouts", reads="people", writes="earnings limits", tells="payouts", secrets=STRIPE, mails=True
    ),
    "reconcile_step": Needs(
        queue="reconciling", reads="people", writes="members", mails=True, tells="reconciling", secrets=STRIPE
    ),
    "estimate_daily": Needs(tells="months"),
    "reconcile_nightly": Needs(writes="members", tells="reconciling"),
    "judge_daily": Needs(reads="members", writes="reads"),
    "sweep_hourly": Needs(writes="stories", objects="store"),
}


def policy(needs: Needs) -> dict[str, Any]:
    """The IAM document, with CloudFormation's substitutions in its addresses."""
    statements = [
        _allow(("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"), _log_groups()),
        # X-Ray knows no resources: the one listed exception.
        _allow(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ["*"]),
    ]
    if needs.reads:
        statements.append(_allow(READ, [_table(name) for name in needs.reads.split()]))
    if needs.writes:
        statements.append(_allow(WRITE, [_table(name) for name in needs.writes.split()]))
    if needs.stream:
        statements.append(_allow(FOLLOW, [_arn("dynamodb", f"table/${{Prefix}}-{needs.stream}/stream/*")]))
        statements.append(_allow(("sqs:SendMessage",), [_queue("streams-dead")]))
    if needs.queue:
        statements.append(_allow(TAKE, [_queue(needs.queue)]))
    if needs.tells:
        statements.append(_allow(("sqs:SendMessage",), [_queue(name) for name in needs.tells.split()]))
    if needs.objects:
        addresses = [_sub(f"${{{name.capitalize()}Bucket.Arn}}/*") for name in needs.objects.split()]
        statements.append(_allow(OBJECTS, addresses))
        # Without it S3 says that a missing object is forbidden, not that it is missing.
        buckets = [_sub(f"${{{name.capitalize()}Bucket.Arn}}") for name in needs.objects.split()]
        statements.append(_allow(("s3:ListBucket",), buckets))
    if needs.secrets:
        statements += _secrets(needs.secrets.split())
    if needs.mails:
        statements.append(_allow(("ses:SendEmail", "ses:SendRawEmail"), [_arn("ses", "identity/*")]))
    return {"Version": "2012-10-17", "Statement": statements}


def files() -> dict[Path, str]:
    return {
        FOLDER / f"policy-{name}.json": json.dumps(policy(needs), indent=1) + "\n"
        for name, needs in FUNCTIONS.items()
    }


def _secrets(names: list[str]) -> list[dict[str, Any]]:
    parameters = [_arn("ssm", f"parameter/${{Prefix}}/${{Stage}}/{name}") for name in names]
    through_ssm = {"StringEquals": {"kms:ViaService": _sub("ssm.${AWS::Region}.${AWS::URLSuffix}")}}
    return [
        _allow(("ssm:GetParameter",), parameters),
        _allow(("kms:Decrypt",), [_arn("kms", "key/*")]) | {"Condition": through_ssm},
    ]


def _allow(actions: tuple[str, ...], resources: list[Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}


def _log_groups() -> list[Any]:
    return [_arn("logs", "log-group:/aws/lambda/${AWS::StackName}-*")]


def _table(name: str) -> dict[str, str]:
    return _arn("dynamodb", f"table/${{Prefix}}-{name}")


def _queue(name: str) -> dict[str, str]:
    return _arn("sqs", f"${{Prefix}}-{name}")


def _arn(service: str, rest: str) -> dict[str, str]:
    return _sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")


def _sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


if __name__ == "__main__":
    for file, content in files().items():
        file.write_text(content, encoding="utf-8")
