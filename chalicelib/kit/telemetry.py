"""Logs, metrics and the correlation id that ties them together from request to queue to schedule."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from chalicelib.kit import ids
from chalicelib.kit.refusals import Refusal, Unavailable

_cause: ContextVar[str] = ContextVar("cause", default="")


def _written(entry: object) -> str:
    return msgspec.json.encode(entry, enc_hook=str).decode()


def _caused(record: logging.LogRecord) -> bool:
    """Each thread's lines name its own cause, which powertools' appended keys would mix."""
    if name := _cause.get():
        record.correlation_id = name
    return True


log = Logger(service="longhand", json_serializer=_written, json_deserializer=str, location=None)
log.addFilter(_caused)
PLAUSIBLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
OVERLOADED = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    "SlowDown",
    "TransactionConflictException",
}


def cause() -> str:
    """The correlation id of what is being done now; a new one when nothing began it."""
    return _cause.get() or ids.new()


@contextmanager
def correlation(given: str) -> Iterator[str]:
    """While it lasts, every log line, fact and stored item names this cause."""
    name = given if PLAUSIBLE.fullmatch(given) else ids.new()
    token = _cause.set(name)
    try:
        yield name
    finally:
        _cause.reset(token)


def count(name: str, by: int = 1) -> None:
    """One more of something worth a graph, in CloudWatch's embedded metric format."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name=name, unit=MetricUnit.Count, value=by, namespace="Longhand") as metric:
        metric.add_dimension(name="service", value="longhand")


@contextmanager
def segment(name: str) -> Iterator[None]:
    """A stretch of a background function in Lambda's trace, annotated with what caused it."""
    tracer = _tracer()
    with tracer.provider.in_subsegment(name=f"## {name}"):
        tracer.put_annotation("correlation_id", cause())
        yield


@cache
def _tracer() -> Any:
    # Imported where first used: it takes half a second, which an answer to a reader never pays.
    from aws_lambda_powertools import Tracer

    return Tracer(service="longhand")


def overload_of(error: BaseException | None) -> Refusal | None:
    """The refusal for an error that means only that a service is busy; None for any other error."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NotReached

    while error is not None:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in OVERLOADED:
            return Unavailable("We are busier than we can serve. Try again in a moment.", retry_after_s=1)
        if isinstance(error, NotReached | HTTPClientError):
            return Unavailable("A part of this site did not answer. Try again in a moment.", retry_after_s=1)
        error = getattr(error, "cause", None) or error.__cause__
    return None
