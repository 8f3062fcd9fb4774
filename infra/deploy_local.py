"""Deploys the package to a MiniStack, as it would be deployed to AWS, so that both can be compared."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import cloud
from infra.cloud import MiniStack

PACKAGES = "longhand-packages"
STACK = "longhand-packaged"
DEPLOYING_S = 180


@dataclass(frozen=True)
class Deployed:
    """One deployed stack: where its API answers, and what its functions are called."""

    url: str
    functions: Mapping[str, str]
    """By their names in the template, as `PeopleFacts`."""


def deploy(ministack: MiniStack, folder: Path, parameters: Mapping[str, str]) -> Deployed:
    """Uploads the zip, creates the stack and the secrets; `ministack` must be empty."""
    s3, formation = (cloud.client(name, ministack.url) for name in ("s3", "cloudformation"))
    s3.create_bucket(Bucket=PACKAGES)
    template = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    placed = json.dumps(_placed(template, folder, s3)).encode()
    s3.put_object(Bucket=PACKAGES, Key="template.json", Body=placed)
    formation.create_stack(
        StackName=STACK,
        TemplateURL=f"{ministack.url}/{PACKAGES}/template.json",  # a body may have 51,200 bytes
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    waiting = {"Delay": 1, "MaxAttempts": DEPLOYING_S}
    formation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=waiting)
    cloud.keep_secrets(cloud.client("ssm", ministack.url), cloud.SECRETS_PATH)
    cloud.client("sesv2", ministack.url).create_email_identity(EmailIdentity=cloud.MAIL_FROM)
    return _outputs(formation, ministack)


def _placed(template: dict[str, Any], folder: Path, s3: Any) -> dict[str, Any]:
    """The template with every zip that it names uploaded, as `cloudformation package` does."""
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in (properties := resource.get("Properties", {})):
                properties[name] = _uploaded(folder / properties[name], s3)
    return template


def _uploaded(archive: Path, s3: Any) -> str:
    """Under its digest: the same key would mean "no updates", and the old code."""
    content = archive.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()}.zip"
    s3.put_object(Bucket=PACKAGES, Key=key, Body=content)
    return f"s3://{PACKAGES}/{key}"


def _outputs(formation: Any, ministack: MiniStack) -> Deployed:
    described = formation.describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    resources = formation.describe_stack_resources(StackName=STACK)["StackResources"]
    functions = {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::Lambda::Function"
    }
    return Deployed(f"{ministack.url}/_aws/execute-api/{outputs['RestAPIId']}/api", functions)
