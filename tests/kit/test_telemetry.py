"""Logs that machines read, figures that CloudWatch graphs, traces of what runs behind a request."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.kit import queues, telemetry
from chalicelib.kit.refusals import Unavailable


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    (handler,) = telemetry.log.handlers
    kept, told = handler.stream, io.StringIO()  # type: ignore[attr-defined]
    handler.stream = told  # type: ignore[attr-defined]
    yield told
    handler.stream = kept  # type: ignore[attr-defined]


def lines(told: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_every_line_names_what_caused_it(logged: io.StringIO) -> None:
    with telemetry.correlation("request-00001"):
        telemetry.log.info("one")
        with telemetry.correlation("request-00002"):
            telemetry.log.info("another")
        telemetry.log.info("one again")
    assert [line["correlation_id"] for line in lines(logged)] == [
        "request-00001",
        "request-00002",
        "request-00001",
    ]


@pytest.mark.parametrize("given", ["", "short", "with space", "a" * 65, "new\nline-------", "<script>alert"])
def test_a_cause_that_could_forge_a_log_is_replaced(given: str) -> None:
    with telemetry.correlation(given) as cause:
        assert cause != given
        assert telemetry.PLAUSIBLE.fullmatch(cause)


def test_a_failure_is_logged_with_its_place_and_counted(
    logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    def deed(fact: queues.Fact) -> None:
        raise ValueError("no such tide")

    body = json.dumps({"fact": "probe", "id": "1", "version": 1, "at": "t", "cause": "request-00003"})
    queues.each_fact({"Records": [{"messageId": "m", "body": body}]}, deed)
    (line,) = lines(logged)
    assert (line["level"], line["correlation_id"], line["what"]) == ("ERROR", "request-00003", "probe")
    assert "no such tide" in line["exception"]
    metric = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Longhand"
    assert metric["RecordsFailed"] == [1.0]


def test_what_runs_behind_a_request_is_a_segment_of_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []

    class Provider:
        def in_subsegment(self, name: str) -> Any:
            import contextlib

            named.append(name)
            return contextlib.nullcontext()

    class Tracer:
        provider = Provider()

        def put_annotation(self, key: str, value: object) -> None:
            named.append(f"{key}={value}")

    monkeypatch.setattr(telemetry, "_tracer", Tracer)
    with telemetry.correlation("request-00004"), telemetry.segment("story.published"):
        pass
    assert named == ["## story.published", "correlation_id=request-00004"]


def test_powertools_own_tracer_is_what_serves_in_lambda() -> None:
    from aws_lambda_powertools import Tracer

    assert isinstance(telemetry._tracer(), Tracer)


def test_an_overload_is_told_from_a_mistake_however_deep_it_lies() -> None:
    from botocore.exceptions import ClientError

    busy = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "Query")
    broken = RuntimeError("a page could not be made")
    broken.__cause__ = busy
    assert isinstance(telemetry.overload_of(broken), Unavailable)
    assert telemetry.overload_of(KeyError("title")) is None
