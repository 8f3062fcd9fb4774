"""The local cloud: MiniStack on loopback, and in it every table, queue and bucket of resources.yaml."""

import json
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra import environments, processes, template
from infra.stripe_stand_in import KEY, PRICES, SECRET, SECRET_ACCOUNTS

REGION = "us-east-1"
ACCOUNT = "000000000000"
STACK = "longhand"
PREFIX = "longhand"
SECRETS_PATH = f"/{PREFIX}/local"
MAIL_FROM = "letters@longhand.example"
OPERATOR = "keeper@longhand.example"


@dataclass
class MiniStack:
    """One running MiniStack; `state` keeps everything in its folder over a restart."""

    folder: Path
    port: int = 0
    keeps: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "MiniStack":
        self.port = self.port or processes.free_port()
        scratch = self.folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        log = self.folder / "ministack.log"
        python = environments.ministack()
        self.process = processes.start(
            [str(python), "-m", "ministack"], env=self._environment(scratch), log=log
        )
        processes.wait_for(f"{self.url}/_ministack/health", self.process, log)
        return self

    def stop(self) -> None:
        processes.stop(self.process)

    def _environment(self, scratch: Path) -> dict[str, str]:
        """From nothing: MiniStack hands its own environment to every function."""
        made = (
            processes.bare_environment()
            | credentials()
            | {
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",
                "LAMBDA_EXECUTOR": "local",
                "TMPDIR": str(scratch),
            }
        )
        if self.keeps:
            state, objects = self.folder / "state", self.folder / "objects"
            made |= {"PERSIST_STATE": "1", "STATE_DIR": str(state)}
            made |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(objects)}
        return made


def credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def settings(site_url: str, media_url: str, prefix: str = PREFIX) -> dict[str, str]:
    """What the README's table of settings asks for, on one machine."""
    return {
        "STAGE": "local",
        "SITE_URL": site_url,
        "MEDIA_URL": media_url,
        "UPLOADS_URL": media_url,
        "TABLE_PREFIX": prefix,
        "MEDIA_BUCKET": f"{prefix}-media-{ACCOUNT}",
        "STORE_BUCKET": f"{prefix}-store-{ACCOUNT}",
        "QUEUE_URL_PREFIX": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{prefix}-",
        "MAIL_FROM": MAIL_FROM,
        "OPERATORS": OPERATOR,
        "STRIPE_PRICES": json.dumps(PRICES),
        "SECRETS_PATH": SECRETS_PATH,
    }


def environment(endpoint: str, site_url: str, media_url: str) -> dict[str, str]:
    """Everything that a process of ours needs to work in the local cloud."""
    return credentials() | settings(site_url, media_url) | {"AWS_ENDPOINT_URL": endpoint}


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def create(endpoint: str, parameters: Mapping[str, str]) -> None:
    """Makes or updates what resources.yaml asks for, and the secrets; twice is as good as once."""
    formation = client("cloudformation", endpoint)
    wanted = {
        "StackName": STACK,
        "TemplateBody": template.local(),
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    }
    try:
        formation.create_stack(**wanted)
        formation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    except formation.exceptions.AlreadyExistsException:
        _update(formation, wanted)
    keep_secrets(client("ssm", endpoint), SECRETS_PATH)
    client("sesv2", endpoint).create_email_identity(EmailIdentity=MAIL_FROM)


def keep_secrets(ssm: Any, path: str) -> None:
    """Makes the secrets that are lacking; the others stay, so that sessions outlive a restart."""
    made = {
        "signing-keys": secrets.token_hex(32),
        "stripe-key": KEY,
        "stripe-webhook-secret": SECRET,
        "stripe-accounts-webhook-secret": SECRET_ACCOUNTS,
    }
    for name, value in made.items():
        try:
            ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type="SecureString")
        except ssm.exceptions.ParameterAlreadyExists:
            continue


def _update(formation: Any, wanted: dict[str, Any]) -> None:
    try:
        formation.update_stack(**wanted)
    except ClientError as error:
        if "No updates" not in str(error):
            raise
        return
    formation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
