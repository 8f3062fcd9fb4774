"""What the writes set in motion arrives before anybody looks: counters, topics, notices, marks.

Streams and queues are pumped by the application's own handlers, as the server will go on doing; the places in
the streams are kept where it looks for them.
"""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalice.app import DynamoDBEventConfig, SQSEventConfig

from chalicelib.kit.settings import settings
from infra import cloud
from infra.pumps import Clients, Pumps

WAIT_S = 60


def drain() -> None:
    """Until every stream is read, and then every queue is empty."""
    if not settings().clock_file:
        return  # this cloud has pumps of its own
    folder, endpoint = Path(settings().clock_file).parent, os.environ["AWS_ENDPOINT_URL"]
    names = ("dynamodb", "dynamodbstreams", "sqs")
    clients = Clients(*(cloud.client(name, endpoint) for name in names))
    pumps = [
        Pumps(_only(kind), clients, settings().table_prefix, folder)
        for kind in (DynamoDBEventConfig, SQSEventConfig)
    ]
    for each in pumps:
        each.start()
    for each in pumps:
        each.stop(WAIT_S)


def _only(kind: type) -> Any:
    """app.py with its sources of one kind."""
    import app

    sources: list[Any] = [each for each in app.app.event_sources if isinstance(each, kind)]
    names = [each.handler_string.partition(".")[2] for each in sources]
    handlers = {name: getattr(app, name) for name in names}
    return SimpleNamespace(app=SimpleNamespace(event_sources=sources), **handlers)
