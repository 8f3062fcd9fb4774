"""The local cloud refuses what a policy would not allow, so that a gap is found before AWS finds it."""

import boto3
import pytest
from botocore.exceptions import ClientError

from infra import cloud as local_cloud
from infra import guard, policies
from infra.cloud import MiniStack

SETTINGS = local_cloud.settings("http://localhost:8000", "http://localhost:8001")
BODIES = f"{SETTINGS['STORE_BUCKET']}/bodies/a"


@pytest.mark.parametrize(
    ("function", "action", "resource", "may"),
    [
        ("api", "dynamodb:PutItem", "table/longhand-stories", True),
        ("api", "dynamodb:Scan", "table/longhand-stories", False),
        ("api", "ssm:GetParameter", "parameter/longhand/local/stripe-key", True),
        ("people_facts", "dynamodb:GetItem", "table/longhand-people", False),
        ("people_facts", "sqs:SendMessage", "longhand-cards", True),
        ("people_facts", "sqs:SendMessage", "longhand-payouts", False),
        ("tell_followers", "dynamodb:PutItem", "table/longhand-follows", False),
        ("sweep_hourly", "s3:DeleteObject", BODIES, True),
        ("sweep_hourly", "ssm:GetParameter", "parameter/longhand/local/stripe-key", False),
        ("file_topics", "s3:GetObject", BODIES, False),
    ],
)
def test_a_function_may_do_what_its_policy_says(function: str, action: str, resource: str, may: bool) -> None:
    assert guard.allows(function, action, resource, SETTINGS) is may


def test_a_transaction_needs_what_each_of_its_writes_needs() -> None:
    items = [{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}]
    assert guard.needed("dynamodb", "TransactWriteItems", {"TransactItems": items}) == [
        ("dynamodb:PutItem", "table/a"),
        ("dynamodb:ConditionCheckItem", "table/b"),
    ]


def test_listing_and_deleting_many_objects_need_what_iam_asks_for() -> None:
    assert guard.needed("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "x"}) == [("s3:ListBucket", "b")]
    many = {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}}
    assert guard.needed("s3", "DeleteObjects", many) == [
        ("s3:DeleteObject", "b/x"),
        ("s3:DeleteObject", "b/y"),
    ]


def test_every_function_is_known() -> None:
    assert all(guard.allows(name, "logs:PutLogEvents", _log_group(), SETTINGS) for name in policies.FUNCTIONS)


@pytest.mark.ministack
def test_a_call_beyond_the_policy_is_refused_and_named(
    cloud: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    guard.install(SETTINGS)
    dynamodb = boto3.client("dynamodb")
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    with guard.acting_as("people_facts"), pytest.raises(ClientError, match="people_facts does not allow"):
        dynamodb.get_item(TableName="longhand-people", Key=key)
    with guard.acting_as("api"):
        dynamodb.get_item(TableName="longhand-people", Key=key)
    dynamodb.get_item(TableName="longhand-people", Key=key)


def _log_group() -> str:
    return "log-group:/aws/lambda/${AWS::StackName}-*"
