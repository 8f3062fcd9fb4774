"""Three clouds for tests: one in process (`aws`), MiniStack (`cloud`), the whole product (`site`)."""

import os
from collections.abc import Generator, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from infra import cloud as local_cloud
from infra import environments, package, template
from infra.cloud import MiniStack
from infra.simulator import cloud as simulated
from tests.infra.packaging import Packaged, deployed
from tests.sites import Site, serving

# No test may reach beyond this machine, whatever the developer's own environment says.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= local_cloud.credentials() | {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_read = cache(lambda path: _load_file(JSONFileLoader(), path))
_load_file = JSONFileLoader.load_file
# botocore reads its descriptions of services anew for each session, and each test has sessions of its own.
JSONFileLoader.load_file = lambda self, path: _read(path)
# Chromium would otherwise look for its maker's servers, which no test may reach.
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-default-apps",
]  # fmt: skip
SITE_URL, MEDIA_URL = "http://localhost:8000", "http://localhost:8001"


# Whatever asks for one of these fixtures belongs to the stage that has them.
STAGES = {
    "ministack": {"ministack", "cloud", "site", "magazine"},
    "browser": {"chromium"},
    "packaged": {"packaged"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, fixtures in STAGES.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(marker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On a machine that has to have everything, a test that was skipped has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def every_room() -> None:
    """Opened before any test changes a constant, which a room opened meanwhile would keep."""
    import app

    app.app.open()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser; without one the test is skipped, and says how to get it."""
    from playwright.sync_api import sync_playwright

    try:
        executable = environments.chromium()
    except environments.Missing as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every table, queue, bucket and secret in process; for small things without races."""
    from moto import mock_aws

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    _set(monkeypatch, local_cloud.settings(SITE_URL, MEDIA_URL))
    with mock_aws():
        _make_in_moto()
        forget()
        yield
    forget()


@pytest.fixture
def exact(moto: None) -> Iterator[None]:
    """moto, but for tables: those are the simulator's, held equal to MiniStack, and a hundred times as fast.

    They have no streams.
    """
    with simulated.answering(simulated.stocked(), only={"dynamodb"}):
        yield


@pytest.fixture
def aws(moto: None) -> None:
    """What a unit test runs on; money's folders have their own, `exact`."""


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """One MiniStack for the whole session, with all resources made."""
    running = MiniStack(tmp_path_factory.mktemp("ministack"))
    try:
        running.start()
        local_cloud.create(running.url, {"Prefix": local_cloud.PREFIX, "SiteUrl": SITE_URL})
        yield running
    finally:
        running.stop()


@pytest.fixture
def cloud(ministack: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[MiniStack]:
    """MiniStack, with this process's environment pointing at it. What tests write stays: use fresh ids."""
    _set(monkeypatch, local_cloud.environment(ministack.url, SITE_URL, MEDIA_URL))
    forget()
    yield ministack
    forget()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The local server with its cloud and Stripe stand-in, empty."""
    with serving(tmp_path_factory.mktemp("site"), "--empty") as running:
        yield running


@pytest.fixture(scope="session")
def magazine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The local server with the seeded magazine."""
    with serving(tmp_path_factory.mktemp("magazine")) as running:
        yield running


@pytest.fixture(scope="session")
def packaged(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    """The package, deployed to a MiniStack of its own; skipped where nothing can package."""
    try:
        folder = package.package()
    except environments.Missing as missing:
        pytest.skip(str(missing))
    with deployed(site, folder, tmp_path_factory.mktemp("packaged")) as running:
        yield running


def forget() -> None:
    """Drops what the kit keeps between calls, so that the next call sees the present environment."""
    from chalicelib.kit import aws, kept, settings

    settings.settings.cache_clear()
    aws.client.cache_clear()
    aws.lender.cache_clear()
    kept.forget()


def _set(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def _make_in_moto() -> None:
    import boto3

    dynamodb, sqs, s3 = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("s3")
    for table in template.tables(local_cloud.PREFIX):
        dynamodb.create_table(**table)
    for queue in template.queues(local_cloud.PREFIX):
        sqs.create_queue(QueueName=queue)
    for bucket in template.buckets(local_cloud.PREFIX, local_cloud.ACCOUNT):
        s3.create_bucket(Bucket=bucket)
    local_cloud.keep_secrets(boto3.client("ssm"), local_cloud.SECRETS_PATH)
    boto3.client("sesv2").create_email_identity(EmailIdentity=local_cloud.MAIL_FROM)
