"""One client a service, made when first needed: making one costs more than most requests."""

from functools import cache
from typing import Any

from chalicelib.kit.settings import region

CONNECT_S = 2
READ_S = 10
# What an answer to a reader may need. botocore makes the very clients that boto3 would hand out; boto3
# itself also imports its transfer manager, and with it a sixth of a cold start.
EVERY_REQUEST = {"dynamodb", "ssm", "sqs"}


@cache
def client(service: str) -> Any:
    """The client of this service, with our patience: short waits and a few tries."""
    from botocore.config import Config

    patience = Config(
        connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"mode": "standard", "max_attempts": 4}
    )
    if service in EVERY_REQUEST:
        from botocore.session import get_session

        return get_session().create_client(service, region_name=region(), config=patience)
    import boto3

    return boto3.client(service, region_name=region(), config=patience)


@cache
def lender() -> Any:
    """S3's client for addresses that are lent: signed by the one way that encrypted buckets accept."""
    import boto3
    from botocore.config import Config

    return boto3.client("s3", region_name=region(), config=Config(signature_version="s3v4"))
