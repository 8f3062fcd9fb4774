"""One client a service, made when first needed: making one costs more than most requests."""

from functools import cache
from typing import Any

CONNECT_S = 2
READ_S = 10


@cache
def client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "max_attempts": 4},
        # Left alone, boto3 signs uploads in a way that S3 no longer takes for new buckets.
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.client(service, config=config)
