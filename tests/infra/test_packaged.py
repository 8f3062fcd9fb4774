"""What is packaged is what was tested: deployed to MiniStack, it answers as the local server does."""

import json
import time
import zipfile
from collections.abc import Callable

import pytest

from infra import cloud as local_cloud
from infra import package
from infra.layers import month
from tests.infra.packaging import Packaged, differences
from tests.infra.visits import Visitor
from tests.sites import Site

pytestmark = [pytest.mark.packaged, pytest.mark.timeout(900)]
ARRIVES_WITHIN_S = 60
SCHEDULED_WITHIN_S = 180  # MiniStack runs what is due each minute, the first time after more than one


def test_the_same_requests_are_answered_alike(packaged: Packaged, site: Site) -> None:
    differing = differences(packaged.visitor, Visitor(site.url, site.mails))
    assert not differing, "\n".join(differing)


def test_a_stream_record_and_a_queue_message_reach_their_handlers(packaged: Packaged) -> None:
    """A changed name goes by the people's stream to the queue of cards, and by it into all the stories."""
    visitor = packaged.visitor
    version = visitor.ask("GET", "/api/me", signed=True)[1]["version"]
    renamed = {"name": "Ann of the Salt"}
    visitor.ask("PUT", "/api/me/profile", renamed, signed=True, If_Match=f'"{version}"')
    story = f"/api/stories/{visitor.known['story']}"
    draft = visitor.ask("GET", f"{story}/draft", signed=True)[1]
    again = visitor.ask("PUT", f"{story}/publication", {}, signed=True, If_Match=f'"{draft["version"]}"')
    assert again[0].status == 200

    def is_renamed() -> bool:
        listed = visitor.ask("GET", f"/api/people/{visitor.handle}/stories")[1]
        return [item["author"]["name"] for item in listed["items"]] == ["Ann of the Salt"]

    _until(is_renamed, ARRIVES_WITHIN_S, packaged)
    dead = [name for name in ("streams-dead", "cards-dead") if _waiting(packaged, name)]
    assert dead == []


def test_a_schedule_reaches_its_handler(packaged: Packaged) -> None:
    """A story that was deleted a month ago is swept away."""
    visitor = packaged.visitor
    story = visitor.known["story"]
    assert visitor.ask("DELETE", f"/api/stories/{story}", signed=True)[0].status < 300
    packaged.clock.write_text(str(32 * 86_400))
    _until(lambda: not _has(packaged, story), SCHEDULED_WITHIN_S, packaged)


def test_the_months_function_has_the_layer_with_duckdb(packaged: Packaged) -> None:
    aws = packaged.client("lambda")
    layers = aws.get_function(FunctionName=packaged.deployed.functions["RunMonth"])["Configuration"]["Layers"]
    assert [layer["Arn"].split(":")[-2] for layer in layers] == [f"{local_cloud.PREFIX}-month"]
    assert not aws.get_function(FunctionName=packaged.deployed.functions["APIHandler"])["Configuration"].get(
        "Layers"
    )
    with zipfile.ZipFile(package.OUT / month.NAME) as content:
        names = content.namelist()
    assert "python/_duckdb.abi3.so" in names
    assert all(name.startswith("python/") for name in names)


def test_what_a_cold_start_loads_is_compiled_and_not_checked_again(packaged: Packaged) -> None:
    with zipfile.ZipFile(package.OUT / "deployment.zip") as content:
        compiled = {entry.filename for entry in content.infolist() if entry.filename.endswith(".pyc")}
        (app,) = (name for name in compiled if name.startswith("__pycache__/app."))
        assert content.read(app)[4:8] == b"\x01\0\0\0"
    for folder in ("chalicelib/kit", "botocore", "pynamodb", "msgspec"):
        assert any(name.startswith(f"{folder}/__pycache__/") for name in compiled)


def _has(packaged: Packaged, story: str) -> bool:
    """Whether anything of a story is left."""
    found = packaged.client("dynamodb").scan(TableName="longhand-stories")["Items"]
    return any(story in json.dumps(item, default=str) for item in found)


def _waiting(packaged: Packaged, queue: str) -> int:
    sqs = packaged.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{local_cloud.PREFIX}-{queue}")["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def _until(holds: Callable[[], bool], seconds: float, packaged: Packaged) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        log = (packaged.ministack.folder / "ministack.log").read_text(errors="replace")
        assert time.monotonic() < deadline, f"It did not happen within {seconds} s.\n{log[-4000:]}"
        time.sleep(0.2)
