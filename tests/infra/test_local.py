"""`make run`: everything comes up, keeps its state, says what is wrong, reloads, and stops."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra import cloud as local_cloud
from infra import environments, processes
from infra.environments import ROOT
from tests.sites import Site

pytestmark = pytest.mark.ministack
SERVED_WITHIN_S = 20  # two on an idle machine, which `make bench` prints; tests run on busy ones


def test_it_answers_once_all_is_up(site: Site) -> None:
    assert json.loads(_get(f"{site.url}/healthz"))["status"] == "ok"


def test_it_listens_on_loopback_alone(site: Site) -> None:
    """Each of its ports is bound to 127.0.0.1, so that every other address of this machine refuses."""
    port = int(site.url.rpartition(":")[2])
    here = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {line[1] for line in here if line[3] == "0A"}
    for number in range(port, port + 4):
        assert {each for each in listening if each.endswith(f":{number:04X}")} == {f"0100007F:{number:04X}"}


def test_mail_that_would_have_been_sent_can_be_read(site: Site) -> None:
    sesv2 = local_cloud.client("sesv2", site.environment["AWS_ENDPOINT_URL"])
    sesv2.send_email(
        FromEmailAddress=local_cloud.MAIL_FROM,
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={"Raw": {"Data": b"Subject: Hello <b>\nContent-Type: text/plain\n\nA code: 123456"}},
    )
    assert "123456" in site.mails("ann@example.org")[0]["text"]
    assert "Hello &lt;b&gt;" in _get(f"{site.url}/_local/mail")


def test_the_clock_can_be_moved_and_set_back(site: Site) -> None:
    _post(f"{site.url}/_local/clock", "days=2")
    assert (site.state / "clock").read_text() == str(2 * 86_400)
    _post(f"{site.url}/_local/clock", "back=1")
    assert (site.state / "clock").read_text() == "0"


def test_only_its_own_pages_may_move_the_clock(site: Site) -> None:
    asked = urllib.request.Request(f"{site.url}/_local/clock", data=b"days=2")
    asked.add_header("Sec-Fetch-Site", "cross-site")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)


def test_a_picture_is_posted_where_browsers_may_and_served_from_its_own_origin(site: Site) -> None:
    s3 = local_cloud.client("s3", site.environment["AWS_ENDPOINT_URL"])
    bucket = site.environment["MEDIA_BUCKET"]
    form = s3.generate_presigned_post(
        bucket, "uploads/one", Conditions=[["content-length-range", 3, 3]], ExpiresIn=60
    )
    assert _post_file(site.media_url, form["fields"], b"abc") == 204
    assert _post_file(site.media_url, form["fields"], b"abcd") >= 400
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{site.media_url}/uploads/one")
    s3.put_object(Bucket=bucket, Key="i/one/320.webp", Body=b"RIFF", ContentType="image/webp")
    with urllib.request.urlopen(f"{site.media_url}/i/one/320.webp") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_state_survives_a_restart(tmp_path: Path) -> None:
    port = processes.free_ports(4)
    with running(port, tmp_path):
        _dynamodb(tmp_path).put_item(TableName="longhand-people", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
        before = _secret(tmp_path)
    with running(port, tmp_path):
        key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
        assert "Item" in _dynamodb(tmp_path).get_item(TableName="longhand-people", Key=key)
        assert _secret(tmp_path) == before


def test_stopping_stops_all_of_it(tmp_path: Path) -> None:
    port = processes.free_ports(4)
    with running(port, tmp_path, how=signal.SIGINT):
        pass
    assert [number for number in range(port, port + 4) if not processes.is_free(number)] == []


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    port = processes.free_ports(4)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        done = subprocess.run(_command(port, tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"Port {port + 1}" in done.stderr


def test_a_changed_source_is_served_soon(tmp_path: Path) -> None:
    house, port = _a_copy(tmp_path / "house"), processes.free_ports(4)
    health = house / "chalicelib" / "kit" / "health.py"
    with running(port, tmp_path / "state", house=house):
        for said in ("changed", "changed again"):
            health.write_text(health.read_text().replace('Health("', f'Health("{said}" or "'))
            deadline = time.monotonic() + SERVED_WITHIN_S
            while json.loads(_get(f"http://localhost:{port}/healthz"))["status"] != said:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        health.write_text("this is no Python")
        assert "SyntaxError" in _until_broken(f"http://localhost:{port}/healthz")


@contextmanager
def running(
    port: int, state: Path, *, house: Path = ROOT, how: signal.Signals = signal.SIGTERM
) -> Iterator[None]:
    log = state / "local.log"
    command = [word for word in _command(port, state) if house == ROOT or word != "--no-reload"]
    process = processes.start(command, env=os.environ | {"PYTHONPATH": str(house)}, log=log, cwd=house)
    try:
        processes.wait_for(f"http://localhost:{port}/healthz", process, log)
        yield
    finally:
        processes.stop(process, how)
    assert process.returncode == 0


def _command(port: int, state: Path) -> list[str]:
    words = ["--port", str(port), "--state", str(state), "--empty", "--no-reload"]
    return [sys.executable, "-m", "infra.local", *words]


def _a_copy(house: Path) -> Path:
    """The house without web/, with the environments that are there already."""
    for name in ("chalicelib", "infra"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "app.py", house)
    for name in ("requirements.txt", "tests/requirements.txt"):
        (house / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, house / name)
    (house / ".venv-mini").symlink_to(environments.ministack().parent.parent)
    return house


def _until_broken(url: str) -> str:
    deadline = time.monotonic() + SERVED_WITHIN_S
    while time.monotonic() < deadline:
        try:
            _get(url)
        except urllib.error.HTTPError as error:
            return error.read().decode()
        time.sleep(0.02)
    raise AssertionError("it went on as if nothing had happened")


def _dynamodb(state: Path) -> Any:
    return local_cloud.client("dynamodb", _endpoint(state))


def _secret(state: Path) -> str:
    ssm = local_cloud.client("ssm", _endpoint(state))
    name = f"{local_cloud.SECRETS_PATH}/signing-keys"
    return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def _endpoint(state: Path) -> str:
    return str(json.loads((state / "environment.json").read_text())["AWS_ENDPOINT_URL"])


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def _post(url: str, body: str) -> None:
    with urllib.request.urlopen(url, data=body.encode(), timeout=60):
        return


def _post_file(url: str, fields: dict[str, str], content: bytes) -> int:
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = "".join(parts) + '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    body = head.encode() + content + b"\r\n--b--\r\n"
    asked = urllib.request.Request(f"{url}/", data=body)
    asked.add_header("Content-Type", "multipart/form-data; boundary=b")
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
