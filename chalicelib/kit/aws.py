"""One client a service, made when first needed: making one costs more than most requests."""

from functools import cache
from typing import Any

CONNECT_S = 2
READ_S = 10


@cache
def client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"mode": "standard", "max_attempts": 4}
    )
    return boto3.client(service, config=patience)
