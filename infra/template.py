"""The part of resources.yaml that a cloud without Lambda can make: what has a Type of its own."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RESOURCES = Path(__file__).with_name("resources.yaml")
MADE_LOCALLY = ("AWS::DynamoDB::", "AWS::SQS::", "AWS::S3::Bucket", "AWS::SNS::", "AWS::CloudWatch::")


def resources() -> dict[str, Any]:
    """All of resources.yaml, its anchors resolved."""
    return deepcopy(_parsed())


@cache
def _parsed() -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load(RESOURCES.read_text(encoding="utf-8"))
    return template


def local() -> str:
    """The CloudFormation template, as JSON, of the tables, queues and buckets alone."""
    template = resources()
    template.pop("Globals")
    template["Resources"] = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource.get("Type", "").startswith(MADE_LOCALLY)
    }
    return json.dumps(template)


def tables(prefix: str) -> Iterator[dict[str, Any]]:
    """What DynamoDB's CreateTable needs for each table, for those that have no CloudFormation at all."""
    for properties in _of_type("AWS::DynamoDB::Table"):
        made = {name: properties[name] for name in ("BillingMode", "KeySchema", "AttributeDefinitions")}
        if "StreamSpecification" in properties:
            made["StreamSpecification"] = properties["StreamSpecification"] | {"StreamEnabled": True}
        yield made | {"TableName": _named(properties["TableName"], prefix)}


def queues(prefix: str) -> list[str]:
    """The names of all queues, the dead-letter queues among them."""
    return [_named(properties["QueueName"], prefix) for properties in _of_type("AWS::SQS::Queue")]


def buckets(prefix: str, account: str) -> list[str]:
    return [_named(properties["BucketName"], prefix, account) for properties in _of_type("AWS::S3::Bucket")]


def _of_type(kind: str) -> Iterator[dict[str, Any]]:
    for resource in resources()["Resources"].values():
        if resource.get("Type") == kind:
            yield resource["Properties"]


def _named(name: dict[str, str], prefix: str, account: str = "") -> str:
    return name["Fn::Sub"].replace("${Prefix}", prefix).replace("${AWS::AccountId}", account)
