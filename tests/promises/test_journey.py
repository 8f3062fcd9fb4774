"""The first journey through all of Longhand: one test for each numbered promise."""

import http.client
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.kit.http import Routes
from infra import environments, package, policies, processes, stages
from infra.environments import ROOT
from tests.infra.fresh import all_stories, ask_many, camel, fresh_copy, get, listening_on, make_run
from tests.infra.packaging import Packaged, differences
from tests.infra.visits import Visitor
from tests.promises.proofs import hold, passed
from tests.sites import Site

pytestmark = pytest.mark.timeout(1500)  # each runs whole files, and starts whole sites
EARNING = "tests/journeys/test_earning.py"  # one month, lived once; three promises ask for their parts


@pytest.mark.timeout(1800)  # everything is fetched and seeded anew
def test_01_make_run_brings_up_the_whole_product_on_one_machine(tmp_path: Path) -> None:
    house, port = fresh_copy(tmp_path / "house"), processes.free_ports(4)
    with make_run(house, port, tmp_path) as said:
        site = f"http://localhost:{port}"
        assert site in said()
        assert f"{site}/_local/mail" in said()
        assert json.loads(get(f"{site}/healthz"))["status"] == "ok"
        stories = all_stories(site)
        assert len(stories) >= 40
        assert len({story["author"]["handle"] for story in stories}) >= 12
        assert sum(bool(story["picture"]) for story in stories) >= 30
    with make_run(house, port, tmp_path):
        assert {story["id"] for story in all_stories(site)} == {story["id"] for story in stories}
    assert [each for each in range(port, port + 4) if not processes.is_free(each)] == []


def test_02_make_test_sets_up_everything_and_says_what_it_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set("run test bench build package prove".split()) <= {
        line.split()[0] for line in listed.splitlines()
    }
    monkeypatch.setattr(package, "TEMPLATE", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert stages.main(["template"]) == 0
    said = capsys.readouterr().out
    assert "0 passed, 0 failed, 1 skipped" in said
    assert "Skipped: Packaging needs Python 3.13 or 3.12" in said
    assert "apt-get install" in said
    with pytest.raises(environments.Missing, match="apt-get install chromium"):
        environments.chromium()
    monkeypatch.setenv("CI", "true")
    assert stages.main(["template"]) == 1
    ci = (ROOT / ".ci" / "run").read_text()
    assert "export CI=true" in ci
    assert "make test" in ci


@pytest.mark.timeout(900)  # the first that needs it builds the package
def test_03_the_cloud_is_one_template_and_the_package_answers_like_the_local_server(
    packaged: Packaged, site: Site
) -> None:
    package.lint()
    deployed = set(packaged.deployed.functions)
    assert deployed == {"APIHandler", *(camel(name) for name in policies.FUNCTIONS if name != "api")}
    visitors = packaged.visitor_called("bea-reyes"), Visitor(site.url, site.mails, "bea-reyes")
    assert differences(*visitors) == []


def test_04_the_local_server_is_a_real_server_on_loopback_only(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    assert listening_on(port) == {"127.0.0.1"}
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: ask_many(port, "/healthz", 50), range(8))) == {50}
    asked = http.client.HTTPConnection("localhost", port)
    asked.putrequest("OPTIONS", "/api/stories")
    asked.putheader("Origin", "https://elsewhere.example")
    asked.endheaders()
    allowed = asked.getresponse()
    assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, "*")
    chunks = iter([b'{"address": ', b'"chunked@example.org"}'])
    chunked = http.client.HTTPConnection("localhost", port)
    headers = {"Content-Type": "application/json"}
    chunked.request("POST", "/api/sign-in/codes", chunks, headers, encode_chunked=True)
    assert chunked.getresponse().status == 202
    assert site.mails("chunked@example.org")


def test_05_routes_are_declared_validated_and_described() -> None:
    with pytest.raises(TypeError, match="who"):
        Routes("undeclared").get("/api/undeclared")
    hold("tests/journeys/test_manners.py")
    hold("tests/test_api.py")


def test_06_faults_can_be_planted_and_calls_are_counted() -> None:
    hold("tests/kit/test_faults.py")
    hold("tests/test_budgets.py")


def test_07_one_correlation_id_and_no_personal_data_in_logs() -> None:
    hold("tests/journeys/test_manners.py")
    hold("tests/kit/test_telemetry.py")


def test_08_the_house_rules_hold() -> None:
    hold("tests/test_house.py")


def test_09_a_writer_signs_in_by_a_mailed_code() -> None:
    hold("tests/journeys/test_signing_in.py")


def test_10_a_story_is_written_in_a_real_editor_that_saves_itself() -> None:
    hold("tests/journeys/test_writing_journey.py")


def test_11_a_story_is_published_edited_unpublished_deleted_and_restored() -> None:
    hold("tests/journeys/test_writing_journey.py")
    hold("tests/journeys/test_hostile_text.py")


def test_12_the_story_page_is_light_readable_and_cached_rightly() -> None:
    hold("tests/journeys/test_story_page.py")


def test_13_a_reader_follows_is_told_and_applauds() -> None:
    hold("tests/journeys/test_following.py")
    hold("tests/engagement/test_applause_counted.py")


def test_14_members_only_is_cut_on_the_server_and_reading_is_counted() -> None:
    hold("tests/journeys/test_membership_journey.py")
    hold("tests/journeys/test_reading_counted.py")


def test_15_a_writer_enrols_and_sees_an_estimate() -> None:
    passed(
        EARNING,
        "test_a_writer_enrols_at_stripe_and_comes_back",
        "test_who_leaves_stripes_form_half_way_goes_on_later",
        "test_a_partner_sees_an_estimate_by_story_and_cause",
    )


def test_16_the_operator_closes_and_pays_once() -> None:
    passed(
        EARNING,
        "test_the_operator_closes_and_pays_from_the_page",
        "test_the_writer_sees_statement_payout_and_what_is_held",
        "test_pressing_again_and_at_once_changes_nothing",
        "test_what_was_held_is_released_at_a_later_close",
        "test_a_month_that_is_not_over_is_not_closed",
    )


def test_17_recompute_gives_what_the_close_posted() -> None:
    passed(EARNING, "test_the_exported_month_recomputes_to_what_was_posted")
    hold("tests/infra/test_recompute.py")
    hold("tests/infra/test_recompute_refusals.py")
    hold("tests/earnings/properties")


def test_18_a_crash_anywhere_loses_and_doubles_nothing() -> None:
    """Of publishing, following, the webhook, closing and paying each call in turn, then the retry."""
    hold("tests/stories/test_crashes.py")
    hold(
        "tests/stories/test_facts.py",
        "test_a_crash_at_any_call_of_telling_loses_no_fact_when_the_stream_tells_it_again",
    )
    hold(
        "tests/follows/test_following.py",
        "test_a_crash_while_following_is_mended_by_doing_it_again",
        "test_a_crash_while_unfollowing_is_mended_by_doing_it_again",
    )
    hold(
        "tests/follows/test_follow_facts.py",
        "test_a_crash_anywhere_while_spreading_is_mended_when_it_is_told_again",
    )
    hold(
        "tests/members/test_webhooks.py",
        "test_a_crash_at_any_call_leaves_nothing_lost_and_nothing_doubled",
        "test_a_crash_at_any_call_of_joining_leaves_one_customer_and_one_page",
    )
    hold(
        "tests/earnings/test_partners.py",
        "test_a_crash_at_any_call_of_hearing_of_an_account_is_made_good_by_the_next_delivery",
    )
    hold(
        "tests/earnings/test_closing.py",
        "test_a_crash_at_any_call_of_closing_is_made_good_by_closing_again",
    )
    hold(
        "tests/earnings/test_paying.py",
        "test_a_crash_at_any_call_of_paying_leaves_nothing_lost_and_nothing_sent_twice",
        "test_a_crash_at_any_call_of_paying_by_queue_is_made_good_when_the_message_comes_again",
    )
    hold("tests/simulator/test_every_point.py")


def test_19_feeds_are_valid_for_other_peoples_parsers() -> None:
    hold("tests/feeds/test_rss.py")


def test_20_every_page_is_kind_to_everybody() -> None:
    hold("tests/journeys/test_every_page.py")


def test_21_the_readme_is_the_front_door() -> None:
    hold("tests/test_readme.py")


def test_every_journey_proves_a_promise() -> None:
    """Each is named here or among the promises of money."""
    said = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    journeys = [f"tests/journeys/{file.name}" for file in (ROOT / "tests" / "journeys").glob("test_*.py")]
    assert [journey for journey in journeys if f'"{journey}"' not in said] == []
