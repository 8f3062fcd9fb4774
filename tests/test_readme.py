"""README.md and EARNINGS.md say what is so: paths, commands, settings, numbers, pictures, each looked up."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chalicelib.earnings.rules.ledger import ENTRY_KINDS
from chalicelib.earnings.rules.policy import BOUNDS, NUMBERS, EarningsPolicy
from chalicelib.kit.settings import OPTIONAL, REQUIRED
from chalicelib.members.rules import PRICES_MINOR
from infra import cloud, policies, stages
from infra.month import DEEDS
from tests.test_house import FEATURES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
EARNINGS = (ROOT / "EARNINGS.md").read_text()
PAGES = {"README.md": README, "EARNINGS.md": EARNINGS}
LINES_MAX, PICTURE_BYTES_MAX, PICTURES_MAX = 350, 250_000, 6
RECOMPUTE = re.compile(r"^\.venv/bin/python (-m infra\.recompute .+)$", re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    return dict(part.split("\n", 1) for part in page.split("\n## ")[1:])


def rows(text: str) -> list[list[str]]:
    """The cells of every row of its tables, without the head's rule."""
    lines = [
        line for line in text.splitlines() if line.startswith("|") and not re.match(r"\|[ :|-]+\|$", line)
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", page)


def anchors(page: str) -> set[str]:
    """Headings as the addresses that a reader of Markdown gives them."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def json_blocks(page: str) -> list[Any]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= LINES_MAX


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_picture_leads_somewhere(name: str) -> None:
    for link in links(PAGES[name]):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        if anchor:
            assert anchor in anchors(PAGES[path or name]), link


def test_pictures_are_few_and_light_and_all_are_shown() -> None:
    pictures = sorted((ROOT / "docs").iterdir())
    assert 0 < len(pictures) <= PICTURES_MAX
    shown = {ROOT / path for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)}
    assert shown == set(pictures)
    for picture in pictures:
        assert picture.stat().st_size <= PICTURE_BYTES_MAX, picture.name
        with Image.open(picture) as image:
            assert min(image.size) >= 600, picture.name


def test_every_make_target_that_is_named_exists() -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))
    assert named - {"deploy"} <= targets()
    assert {"run", "test", "bench", "build", "package", "prove", "lint", "help"} <= named


def test_what_is_not_there_is_said_not_to_be_there() -> None:
    assert "There is no `make deploy`" in README
    assert "deploy" not in targets()


@pytest.mark.parametrize("name", PAGES)
def test_every_module_that_is_named_to_be_run_is_there(name: str) -> None:
    for module in re.findall(r"-m (infra\.[a-z_.]+)", PAGES[name]):
        file = ROOT / module.replace(".", "/")
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module


def test_the_deeds_of_the_month_and_the_stages_are_real() -> None:
    assert set(re.findall(r"infra\.month ([a-z]+)", README + EARNINGS)) <= set(DEEDS)
    (named,) = re.findall(r'STAGES="([^"]+)"', README)
    assert set(named.split()) <= set(stages.STAGES)


def test_the_map_has_every_folder_of_the_house_in_the_order_of_imports() -> None:
    found = re.findall(r"^\| \[chalicelib/(\w+)\]", sections(README)["The map"], re.MULTILINE)
    folders = {path.name for path in (ROOT / "chalicelib").iterdir() if (path / "__init__.py").exists()}
    assert set(found) == folders
    features = [name for name in found if name != "kit"]
    assert features == sorted(features, key=FEATURES.index)


def test_every_setting_and_secret_is_in_its_table() -> None:
    table = {cells[0]: cells for cells in rows(sections(README)["Settings"])}
    settings = [*REQUIRED, *OPTIONAL, "OPERATORS", "STRIPE_PRICES"]
    secrets = policies.EVERY_SECRET.split()
    assert set(table) == {f"`{name}`" for name in settings + secrets} | {"setting", "secret"}
    for name in settings:
        _, needed, meaning, example = table[f"`{name}`"]
        assert (needed == "required") == (name in REQUIRED), name
        assert meaning, name
        assert example.startswith("`"), name


def test_the_prices_are_those_of_the_pages() -> None:
    (row,) = (cells for cells in rows(sections(README)["Settings"]) if cells[0] == "`STRIPE_PRICES`")
    names, amounts = re.findall(r"`((?:member|friend)_\w+)`", row[2]), re.findall(r"\b\d+\b", row[2])
    assert {name: int(amount) * 100 for name, amount in zip(names, amounts, strict=True)} == PRICES_MINOR


def test_stripe_s_destinations_are_told_of_every_event_that_is_heard() -> None:
    from chalicelib.earnings.pay.partners import HEARD_ON_ACCOUNTS, HEARD_THIN
    from chalicelib.members import hearing, keeping

    table = [
        cells for cells in rows(sections(README)["Deploying, and what it costs"]) if "/hooks/" in cells[1]
    ]
    listed = [(cells[1].strip("`"), set(re.findall(r"`([^`]+)`", cells[2]))) for cells in table]
    assert listed == [
        ("/hooks/stripe", set(keeping.SUBSCRIBED)),
        ("/hooks/stripe/accounts", set(HEARD_THIN)),
        ("/hooks/stripe/accounts", set(HEARD_ON_ACCOUNTS)),
    ]
    assert set(hearing.LETTERS) <= set(keeping.HEARD)


def test_every_event_that_is_named_is_one_of_stripe_s() -> None:
    """By the pinned library: of its own endpoints' list, and of the thin events that it reads."""
    import stripe

    library = Path(stripe.__file__).parent
    known = (library / "params" / "_webhook_endpoint_create_params.py").read_text()
    known += "".join(file.read_text() for file in (library / "events").glob("_v2_core_account*.py"))
    (table,) = re.findall(r"\| destination at Stripe.*?\n\n", README, re.DOTALL)
    named = [each for each in re.findall(r"`([^`]+)`", table) if "/" not in each]
    assert len(named) > 20
    assert [each for each in named if f'"{each}"' not in known] == []


def test_the_examples_of_settings_can_be_read() -> None:
    table = {cells[0].strip("`"): cells[-1].strip("`") for cells in rows(sections(README)["Settings"])}
    from chalicelib.kit.settings import read

    known = read({name: table[name] for name in [*REQUIRED, *OPTIONAL, "OPERATORS", "STRIPE_PRICES"]})
    assert known.operators == {table["OPERATORS"]}
    assert set(known.stripe_prices) <= set(PRICES_MINOR)


def test_whoever_the_journey_signs_in_as_is_in_the_magazine() -> None:
    from infra.seed.cast import DOMAIN, READERS, WRITERS

    known = {each.address for each in (*WRITERS, *READERS)} | {cloud.OPERATOR}
    journey = sections(README)["Try it in ten steps"]
    named = set(re.findall(rf"[\w-]+@{re.escape(DOMAIN)}", journey))
    assert len(named) >= 3
    assert named <= known
    (title,) = re.findall(r"such as \*(.+?)\*", journey)
    stories = [file.read_text() for file in (ROOT / "infra" / "seed" / "stories").iterdir()]
    (story,) = (text for text in stories if title in text.partition("\n---")[0][:400])
    assert "members" in story[:600]


@pytest.mark.usefixtures("aws")
def test_every_address_that_is_named_is_a_route() -> None:
    import app

    asked = set(re.findall(r"`(?:GET|POST|PUT|DELETE) (/api/[\w/{}-]+)", README + EARNINGS))
    known = {re.sub(r"\{\w+\}", "{}", path) for path in app.app.routes}
    written = {re.sub(r"\d{4}-\d{2}|\{\w+\}", "{}", path) for path in asked}
    assert written
    assert written <= known
    pages = set(re.findall(r"`(/(?:signin|earnings|console|docs|openapi\.json))`", README))
    assert pages <= set(app.app.routes)


def test_the_policy_in_the_rule_is_the_policy_in_the_code() -> None:
    policy = EarningsPolicy()
    shares = {f"partner_share_bps.{tier}": share for tier, share in policy.partner_share_bps.items()}
    numbers = shares | {name: getattr(policy, name) for name in NUMBERS}
    table = {cells[0].strip("`"): cells for cells in rows(sections(EARNINGS)["Policy"])[1:]}
    assert {name: int(cells[1]) for name, cells in table.items()} == numbers
    for name, cells in table.items():
        least, most = (0, 10_000) if name.startswith("partner_share") else BOUNDS.get(name, (0, None))
        assert cells[2] == (f"from {least}" if most is None else f"{least} to {most}"), name


def test_recomputing_the_example_gives_what_the_rule_says() -> None:
    month, result = json_blocks(EARNINGS)
    commands = [*RECOMPUTE.findall(README), *RECOMPUTE.findall(EARNINGS)]
    assert len(commands) == 2
    for command in set(commands):
        words = shlex.split(command)
        done = run(*words)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == result
        assert json.loads((ROOT / words[-1]).read_text()) == month


def test_the_points_in_the_words_are_those_of_the_example() -> None:
    month, result = json_blocks(EARNINGS)
    said = [int(each.replace(",", "")) for each in re.findall(r"split ([\d,]+) to ([\d,]+)", EARNINGS)[0]]
    anna = [each for each in month["readings"] if each["member"] == "anna"]
    assert len({each["story"] for each in anna}) == 3
    assert said[0] == result["stories"]["harbour"]["points"]
    assert said[1] + 300 * 10_000 == result["stories"]["light"]["points"]
    assert sum(result["carried"].values()) + sum(result["partners"].values()) == (
        result["own_micros"] + result["carried_in_micros"]
    )


def test_a_faulty_file_is_refused_in_the_words_of_the_rule(tmp_path: Path) -> None:
    month, _ = json_blocks(EARNINGS)
    month["readings"][3]["seconds"] = 90.5
    faulty = tmp_path / "month.json"
    faulty.write_text(json.dumps(month))
    done = run("-m", "infra.recompute", str(faulty))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"`{done.stderr.strip()}`" in EARNINGS


def test_every_entry_of_the_ledger_is_in_the_rule() -> None:
    told = [
        form
        for cells in rows(sections(EARNINGS)["The ledger"])
        for form in re.findall(r"`([^`]+)`", cells[0])
    ]
    assert told == [kind.form for kind in ENTRY_KINDS]


def test_nothing_says_where_it_was_made() -> None:
    for page in PAGES.values():
        assert not re.search(r"/(?:home|root|tmp|work|Users)/", page)
