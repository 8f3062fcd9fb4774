"""What is deployed: closed, recoverable, least privileged, and made of one file."""

import ast
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra import environments, greedy, package, policies, template
from infra.environments import ROOT

RESOURCES = template.resources()["Resources"]
# X-Ray has no resources to name; every other statement names its own.
MAY_NAME_ALL = {("xray:PutTelemetryRecords", "xray:PutTraceSegments")}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"] for name, each in RESOURCES.items() if each.get("Type") == f"AWS::{kind}"
    }


@pytest.mark.parametrize("name", of_type("DynamoDB::Table"))
def test_a_table_can_be_recovered_and_is_never_thrown_away(name: str) -> None:
    properties = RESOURCES[name]["Properties"]
    recovery = properties["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14}
    assert properties["SSESpecification"]["SSEEnabled"]
    assert {RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]} == {"Retain"}


@pytest.mark.parametrize("name", of_type("S3::Bucket"))
def test_a_bucket_is_closed_and_speaks_tls_alone(name: str) -> None:
    properties = of_type("S3::Bucket")[name]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    statement = of_type("S3::BucketPolicy")[f"{name}Policy"]["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def test_every_queue_has_its_dead_and_somebody_is_told_of_them() -> None:
    queues = of_type("SQS::Queue")
    alarms = of_type("CloudWatch::Alarm")
    for name, properties in queues.items():
        stem = name.removesuffix("Queue")
        if stem.endswith("Dead"):
            assert alarms[f"{stem}Alarm"]["AlarmActions"]
        else:
            assert properties["RedrivePolicy"]["maxReceiveCount"] >= 5
            assert f"{stem}DeadQueue" in queues


def test_a_message_is_hidden_for_six_times_its_functions_timeout() -> None:
    for name, function in _handlers("on_sqs_message"):
        hidden_s = of_type("SQS::Queue")[f"{function['queue'].capitalize()}Queue"]["VisibilityTimeout"]
        assert hidden_s >= 6 * _config()[name]["lambda_timeout"]


def test_every_consumer_reports_what_failed() -> None:
    """Without it, a handler's answer would delete the messages that failed."""
    handlers = [name for kind in ("on_sqs_message", "on_dynamodb_record") for name, _ in _handlers(kind)]
    assert len(handlers) == 10
    for name in handlers:
        for source in RESOURCES[_camel(name)]["Properties"]["Events"].values():
            assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_streams_reader_gives_up_one_day_and_halves_what_fails() -> None:
    for name, function in _handlers("on_dynamodb_record"):
        source = next(iter(RESOURCES[_camel(name)]["Properties"]["Events"].values()))["Properties"]
        table = f"{function['stream_arn'].capitalize()}Table"
        assert source["Stream"] == {"Fn::GetAtt": [table, "StreamArn"]}
        assert "StreamSpecification" in of_type("DynamoDB::Table")[table]
        assert source["BisectBatchOnFunctionError"]
        assert 0 < source["MaximumRetryAttempts"] < 100
        assert source["DestinationConfig"]["OnFailure"]


def test_every_function_has_a_policy_of_its_own() -> None:
    handlers = {
        name for kind in ("on_sqs_message", "on_dynamodb_record", "schedule") for name, _ in _handlers(kind)
    }
    assert handlers | {"api"} == set(policies.FUNCTIONS)
    for name, settings in _config().items():
        file = f"policy-{'api' if name == 'api_handler' else name}.json"
        assert (settings["iam_policy_file"], settings["autogen_policy"]) == (file, False)


def test_the_policy_files_are_what_the_table_says() -> None:
    stale = [file.name for file, content in policies.files().items() if file.read_text() != content]
    assert not stale, f"Run `python -m infra.policies`; these have changed: {stale}"
    assert {file.name for file in policies.files()} == {f.name for f in policies.FOLDER.glob("policy-*.json")}


@pytest.mark.parametrize("name", policies.FUNCTIONS)
def test_no_policy_allows_everything(name: str) -> None:
    for statement in policies.policy(policies.FUNCTIONS[name])["Statement"]:
        actions = tuple(statement["Action"])
        assert not [action for action in actions if action.endswith("*")]
        assert "*" not in statement["Resource"] or actions in MAY_NAME_ALL


def test_only_the_api_and_the_functions_of_months_and_of_gaps_read_stripes_key() -> None:
    readers = {name for name, needs in policies.FUNCTIONS.items() if "stripe" in needs.secrets}
    assert readers == {"api", "run_month", "pay_partner", "reconcile_step"}


def test_the_api_becomes_two_greedy_paths_with_every_verb_named() -> None:
    made = greedy.rewrite(
        {
            "Resources": {
                "RestAPI": {"Type": "AWS::Serverless::Api", "Properties": {"DefinitionBody": {"paths": {}}}},
                "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {"SourceArn": "old"}},
            }
        }
    )
    paths = made["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    assert set(paths) == {"/", "/{proxy+}"}
    assert all(set(verbs) == set(greedy.VERBS) for verbs in paths.values())


def test_a_wheel_that_was_built_here_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("pillow-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n")
    with pytest.raises(package.Unfit, match="pillow"):
        package.check_wheels(archive)


def test_a_wheel_for_lambda_is_taken(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("pillow-1.dist-info/WHEEL", "Tag: cp313-cp313-manylinux_2_27_x86_64\n")
    package.check_wheels(archive)


def test_a_python_that_does_not_run_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pyenv shim lies on PATH for versions that are not installed, and exits 127."""
    for name in ("python3.13", "python3.12"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    with pytest.raises(environments.Missing, match="Packaging needs Python"):
        environments.packaging_python()


def _config() -> dict[str, dict[str, Any]]:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    functions: dict[str, dict[str, Any]] = config["stages"]["main"]["lambda_functions"]
    return functions


def _handlers(decorator: str) -> list[tuple[str, dict[str, Any]]]:
    """Each handler of app.py that this decorator declares, with the decorator's named values."""
    found = []
    for node in ast.parse((ROOT / "app.py").read_text()).body:
        for call in getattr(node, "decorator_list", []):
            if ast.unparse(call.func) == f"app.{decorator}":
                assert isinstance(node, ast.FunctionDef)
                found.append((node.name, {k.arg: ast.literal_eval(k.value) for k in call.keywords}))
    return found


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def test_duckdb_is_a_layer_of_the_months_functions_alone() -> None:
    layered = {name for name, each in RESOURCES.items() if each.get("Properties", {}).get("Layers")}
    assert layered == {"RunMonth"}
    shipped = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "duckdb" not in shipped
