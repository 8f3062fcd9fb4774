"""The clouds that tests work in are made of resources.yaml."""

import boto3
import pytest

from infra.cloud import MiniStack


def test_the_cloud_in_process_has_every_table_queue_bucket_and_secret(aws: None) -> None:
    assert boto3.client("dynamodb").scan(TableName="longhand-stories")["Items"] == []
    assert _what_the_kit_sees() == "sk_test_local"


@pytest.mark.ministack
def test_the_local_cloud_has_every_table_queue_bucket_and_secret(cloud: MiniStack) -> None:
    stories = boto3.client("dynamodb").describe_table(TableName="longhand-stories")["Table"]
    assert stories["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert _what_the_kit_sees() == "sk_test_local"


def _what_the_kit_sees() -> str:
    from chalicelib.kit.aws import client
    from chalicelib.kit.secrets import secret
    from chalicelib.kit.settings import settings

    client("sqs").send_message(QueueUrl=settings().queue("notices"), MessageBody="{}")
    client("s3").put_object(Bucket=settings().store_bucket, Key="a", Body=b"b")
    return secret("stripe-key")
