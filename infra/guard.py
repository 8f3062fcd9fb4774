"""Least privilege on one machine: the local server refuses what a function's own policy would not allow.

No local cloud checks IAM; without this, a policy that is too narrow would be found out in production.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from infra import policies

API = "api"
_here = threading.local()


class NotAllowed(ClientError):  # type: ignore[misc]
    """What AWS answers when a function asks for more than its policy gives."""


def install(environment: Mapping[str, str]) -> None:
    """From now on, each call of boto3's clients is held to the policy of the function that makes it."""
    import boto3

    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("before-parameter-build", _check_by(environment))


@contextmanager
def acting_as(function: str) -> Iterator[None]:
    """While it lasts, this thread is that function."""
    before = getattr(_here, "function", "")
    _here.function = function
    try:
        yield
    finally:
        _here.function = before


def needed(service: str, operation: str, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The actions that IAM asks for, each with the last part of its resource's address."""
    if service == "dynamodb":
        return _tables(operation, params)
    if service == "sqs":
        action = operation.removesuffix("Batch")
        return [(f"sqs:{action}", str(params["QueueUrl"]).rpartition("/")[2])]
    if service == "s3" and operation == "ListObjectsV2":
        return [("s3:ListBucket", str(params["Bucket"]))]
    if service == "s3" and operation == "DeleteObjects":
        return [
            ("s3:DeleteObject", f"{params['Bucket']}/{each['Key']}") for each in params["Delete"]["Objects"]
        ]
    if service == "s3":
        action = operation.replace("Head", "Get") + ("Version" if params.get("VersionId") else "")
        return [(f"s3:{action}", f"{params['Bucket']}/{params.get('Key', '')}")]
    if service == "ssm":
        return [(f"ssm:{operation}", f"parameter{params['Name']}")]
    if service == "sesv2":
        return [(f"ses:{operation}", f"identity/{params['FromEmailAddress']}")]
    return [(f"{service}:{operation}", "")]


def allows(function: str, action: str, resource: str, environment: Mapping[str, str]) -> bool:
    return any(
        action in actions and any(fnmatchcase(resource, pattern) for pattern in patterns)
        for actions, patterns in _granted(function, tuple(sorted(_names(environment).items())))
    )


def _check_by(environment: Mapping[str, str]) -> Callable[..., None]:
    def check(params: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        function = getattr(_here, "function", "")
        # botocore borrows CreateBucket's parameters to sign a form; nothing is called, the bucket asks later.
        if not function or context.get("is_presign_request"):
            return
        service = model.service_model.service_name
        for action, resource in needed(service, model.name, params):
            if not allows(function, action, resource, environment):
                said = (
                    f"The policy of {function} does not allow {action} on {resource}: see infra/policies.py."
                )
                raise NotAllowed({"Error": {"Code": "AccessDeniedException", "Message": said}}, model.name)

    return check


def _tables(operation: str, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    if operation == "TransactWriteItems":
        return [
            (f"dynamodb:{_ACTIONS[kind]}", f"table/{write['TableName']}")
            for item in params["TransactItems"]
            for kind, write in item.items()
        ]
    if operation == "TransactGetItems":
        return [("dynamodb:GetItem", f"table/{item['Get']['TableName']}") for item in params["TransactItems"]]
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [(f"dynamodb:{operation}", f"table/{name}") for name in params["RequestItems"]]
    return [(f"dynamodb:{operation}", f"table/{params.get('TableName', '')}")]


_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _names(environment: Mapping[str, str]) -> dict[str, str]:
    """What CloudFormation would put into the addresses."""
    return {
        **dict.fromkeys(("${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"), "here"),
        "${Prefix}": environment["TABLE_PREFIX"],
        "${Stage}": environment["STAGE"],
        "${MediaBucket.Arn}": f"arn:aws:s3:::{environment['MEDIA_BUCKET']}",
        "${StoreBucket.Arn}": f"arn:aws:s3:::{environment['STORE_BUCKET']}",
    }


@cache
def _granted(function: str, names: tuple[tuple[str, str], ...]) -> list[tuple[list[str], list[str]]]:
    """Of each statement the actions, and the last parts of the addresses."""
    statements = policies.policy(policies.FUNCTIONS[function])["Statement"]
    return [(each["Action"], [_last(address, names) for address in each["Resource"]]) for each in statements]


def _last(address: Any, names: tuple[tuple[str, str], ...]) -> str:
    text = str(address["Fn::Sub"] if isinstance(address, dict) else address)
    for name, value in names:
        text = text.replace(name, value)
    return text.split(":", 5)[-1]
