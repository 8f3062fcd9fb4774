"""A partner checks their own figure: page, CSV and PDF say the same, and the download recomputes to it.

On the seeded magazine, its last month closed and paid as its operator would.
"""

import csv
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from infra import cloud as local_cloud
from infra.environments import ROOT
from infra.seed.cast import DOMAIN
from tests.conftest import Site
from tests.journeys.test_earning import at_the_command_line, last_month, look_at, page_of, transfers
from tests.journeys.world import Guest, run_now

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
MICROS_IN_UNIT = 1_000_000
SIGNED = ("adjustments_micros", "grants_micros", "released_micros")


@pytest.fixture(scope="module")
def month(magazine: Site) -> str:
    """The last month, closed and paid; once more does no harm."""
    run_now(magazine, "estimate_daily")
    name = last_month()
    assert at_the_command_line(magazine, "close", name).returncode == 0
    operator = Guest(magazine).sign_in(local_cloud.OPERATOR)
    if not operator.done("GET", f"/api/operator/months/{name}")["paying_at"]:
        paid = at_the_command_line(magazine, "pay", name)
        assert paid.returncode == 0, paid.stderr
    return name


@pytest.fixture(scope="module")
def maren(magazine: Site) -> Guest:
    return Guest(magazine).sign_in(f"maren@{DOMAIN}")


def fetched(page: Any, link: str, folder: Path) -> Path:
    """What the browser keeps when the link is followed."""
    with page.expect_download() as waiting:
        page.click(f"main a:has-text('{link}')")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def micros_of(text: str) -> int:
    """An amount as pages write it: `−$1,234.567890`."""
    sign = -1 if text.startswith("−") else 1
    units, _, rest = text.lstrip("−").lstrip("$").replace(",", "").partition(".")
    assert len(rest) == 6, text
    return sign * (int(units) * MICROS_IN_UNIT + int(rest))


def amounts_in(page: Any, section: str) -> dict[str, int]:
    """A ledger's rows: what each says first, and its last amount."""
    rows = page.locator(f"#{section} table tr").all()
    cells = [(row.locator("th").first.inner_text(), row.locator("td").last.inner_text()) for row in rows]
    return {says.strip(): micros_of(amount.strip()) for says, amount in cells}


def test_every_line_of_the_statement_is_on_the_page_and_adds_up(
    maren: Guest, month: str, chromium: Any
) -> None:
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    page = page_of(maren, chromium, **DESK)
    page.goto(f"{maren.site.url}/earnings/{month}")
    lines = amounts_in(page, "statement")
    carried, balance = lines.pop("Carried on"), lines.pop("Balance")
    went = [micros for says, micros in lines.items() if says.startswith(("Paid", "Withheld"))]
    came = [micros for says, micros in lines.items() if not says.startswith(("Paid", "Withheld"))]
    assert sum(came) == balance
    assert balance + sum(went) == carried == paper["balance_after_micros"]
    assert -sum(went) == (paper["paid_minor"] + paper["withheld_minor"]) * 10_000 > 0
    assert 0 not in [*came, *went]
    assert paper["earned_micros"] in came
    assert -paper["held_micros"] in came
    assert page.get_attribute("#statement a:has-text('Rule, version')", "href") == "/rules"
    assert "Earnings are gross" in page.inner_text("#statement")
    look_at(page, "partner-statement")


def test_the_account_holds_over_the_api(maren: Guest, month: str) -> None:
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    came = sum(paper[name] for name in SIGNED) + paper["earned_micros"] - paper["held_micros"]
    went = (paper["paid_minor"] + paper["withheld_minor"]) * 10_000
    assert paper["balance_before_micros"] + came - went == paper["balance_after_micros"]
    assert paper["earned_micros"] == sum(story["part_micros"] for story in paper["stories"])
    for story in paper["stories"]:
        assert sum(story["by_cause"].values()) == story["micros"]


def test_the_table_beside_the_plot_says_what_each_story_earned_and_why(
    maren: Guest, month: str, chromium: Any
) -> None:
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    page = page_of(maren, chromium, **DESK)
    page.goto(f"{maren.site.url}/earnings/{month}")
    assert page.locator("#stories .bars rect").count() >= len(paper["stories"][:8])
    rows = page.locator("#stories tbody tr").all()
    assert len(rows) == len(paper["stories"])
    for row, story in zip(rows, paper["stories"], strict=True):
        said = [cell.inner_text() for cell in row.locator("td").all()]
        assert said[:3] == [f"{story[name]:,}" for name in ("reads", "seconds", "points")]
        assert micros_of(said[-1]) == story["micros"]
        causes = [micros_of(cell) for cell in said[3:-1] if cell != "none"]
        assert sum(causes) == story["micros"]


def test_the_csv_says_the_same(maren: Guest, month: str, chromium: Any, tmp_path: Path) -> None:
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    page = page_of(maren, chromium, **DESK)
    page.goto(f"{maren.site.url}/earnings/{month}")
    text = fetched(page, "all of it as CSV", tmp_path).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    stories = {row["story"]: row for row in rows if row["row"] == "story"}
    account = [int(row["amount_micros"]) for row in rows if row["row"] == "account"]
    assert len(stories) == len(paper["stories"])
    for story in paper["stories"]:
        row = stories[story["story"]]
        assert int(row["amount_micros"]) == story["part_micros"]
        assert {name: int(row[f"{name}_micros"]) for name in story["by_cause"]} == story["by_cause"]
        assert (int(row["member_reads"]), int(row["points"])) == (story["reads"], story["points"])
    assert sum(account[:-1]) == account[-1] == paper["balance_after_micros"]


def test_the_pdf_says_the_same(maren: Guest, month: str, chromium: Any, tmp_path: Path) -> None:
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    page = page_of(maren, chromium, **DESK)
    page.goto(f"{maren.site.url}/earnings/{month}")
    reader = PdfReader(fetched(page, "as PDF", tmp_path))
    said = "\n".join(each.extract_text() for each in reader.pages)
    assert f"version {paper['policy_version']} of the rule" in said
    assert "Earnings are gross" in said
    assert "Demo magazine" in said
    units, rest = divmod(paper["balance_after_micros"], MICROS_IN_UNIT)
    assert f"Carried on\n{units:,}.{rest:06}" in said
    for story in paper["stories"]:
        assert f"\n{story['points']:,}\n" in said
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]


def test_the_download_recomputes_by_the_command_on_the_page(
    maren: Guest, month: str, chromium: Any, tmp_path: Path
) -> None:
    page = page_of(maren, chromium, **DESK)
    page.goto(f"{maren.site.url}/earnings/{month}")
    path = fetched(page, "Download the lines", tmp_path)
    command = shlex.split(page.inner_text("#check code"))
    assert command[:3] == ["python", "-m", "infra.recompute"]
    assert command[3] == path.name
    done = subprocess.run(
        [sys.executable, *command[1:3], str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    assert result["earned_micros"] == paper["earned_micros"]
    assert result["stories"] == len(paper["stories"])
    assert result["lines"] > 0
    told = {line["story"] for line in json.loads(path.read_text())["lines"]}
    assert told <= {story["story"] for story in paper["stories"] if story["reads"] >= 5}


def test_a_file_that_was_changed_does_not_recompute(maren: Guest, month: str, tmp_path: Path) -> None:
    file = maren.ask("GET", f"/api/partner/months/{month}/lines").json()
    file["lines"][0]["micros"] += 2
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(file))
    done = at_the_command_line(maren.site, str(path), program="infra.recompute")
    assert done.returncode == 1
    assert "lines[0]" in done.stderr


def test_every_payout_is_listed_with_what_became_of_it(
    maren: Guest, month: str, magazine: Site, chromium: Any
) -> None:
    mine = maren.done("GET", "/api/partner")
    (payout,) = [each for each in mine["sent"] if each["month"] == month]
    assert payout["transfer"] in {each["id"] for each in transfers(magazine)}
    page = page_of(maren, chromium, **PHONE)
    page.goto(f"{maren.site.url}/earnings")
    said = page.inner_text("#payouts")
    assert payout["transfer"] in said
    assert "Sent on" in said
    account = amounts_in(page, "account")
    held = next(micros for says, micros in account.items() if says.startswith("Held"))
    assert (account["Balance"], held) == (mine["balance_micros"], mine["held_micros"])
    assert "At the earliest some of it is released by the close of" in page.inner_text("#account")
    look_at(page, "partner-payouts")


def test_months_stand_side_by_side_and_the_open_one_in_pencil(
    maren: Guest, month: str, chromium: Any
) -> None:
    page = page_of(maren, chromium, **PHONE)
    page.goto(f"{maren.site.url}/earnings")
    rows = page.locator("#months tbody tr").all()
    assert page.locator("#months .bar").count() == len(rows) >= 2
    assert "estimate" in rows[-1].inner_text()
    assert page.locator("#months .bars .fp").count() == 1
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    cells = [cell.inner_text() for cell in rows[-2].locator("td").all()]
    assert micros_of(cells[1]) == paper["earned_micros"]
    look_at(page, "partner-estimate")


def test_nobody_sees_anothers_papers(magazine: Site, month: str) -> None:
    stranger = Guest(magazine).sign_in()
    for path in ("csv", "pdf"):
        assert stranger.ask("GET", f"/api/partner/statements/{month}/{path}").status == 404
        assert Guest(magazine).ask("GET", f"/api/partner/statements/{month}/{path}").status == 401
    assert stranger.ask("GET", f"/api/partner/months/{month}/lines").status == 404
    assert stranger.ask("PUT", f"/api/partner/months/{month}/lines", {}).status == 404
    assert stranger.ask("GET", "/api/partner/statements/2199-01/csv").status == 404
    assert stranger.ask("GET", "/api/partner/months/soon/lines").status == 404
