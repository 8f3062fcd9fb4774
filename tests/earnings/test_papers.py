"""A partner's statement on paper: complete, adding up, harmless in a spreadsheet, readable as a PDF."""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.papers.prints.csv_sheet import HEAD, as_csv, harmless
from chalicelib.earnings.papers.prints.letters import LACKS, drawn
from chalicelib.earnings.papers.prints.pdf_sheet import STORIES_MAX, amount, as_pdf
from chalicelib.earnings.papers.prints.printed import GONE, GROSS, Printed
from chalicelib.earnings.papers.statements import MonthOnPaper
from chalicelib.earnings.records import sheets
from chalicelib.earnings.rules.ledger import writeoff_entry
from chalicelib.earnings.rules.reads import PartnerId, StoryId
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.split import Causes
from chalicelib.earnings.rules.statement import Movements, Statement, StatementStory
from chalicelib.kit import clock, ids
from chalicelib.kit.money import micros_of
from infra.environments import ROOT
from tests.client import Client
from tests.earnings.a_month import AFTER_NOVEMBER
from tests.people.builders import signed_in

MONTH, LATER = "2026-11", "2026-12"
EVERYTHING = Movements(
    balance_before_micros=6_418_807,
    held_micros=2_000_001,
    released_micros=500_000,
    paid_minor=1_234,
    adjustments_micros=-70_000,
    grants_micros=3_000_000,
    withheld_minor=370,
)
TITLES = {
    "s0": "Salt, and who owned it", "s1": "Die Uhr im Treppenhaus: ÄÖÜß", "s2": "ملاحظات 2026 عن البحر",
    "s3": "=HYPERLINK(1)", "s4": "日本 🎉",
}  # fmt: skip


def a_row(number: int, micros: int = 1_000_003) -> StatementStory:
    causes = Causes(micros - 300_000, 200_000, 60_000, 40_000)
    return StatementStory(StoryId(f"s{number}"), 7 + number, 900, 9_000_000, micros, causes, micros // 2)


def a_statement(stories: int = 5, moved: Movements = EVERYTHING) -> Printed:
    rows = tuple(a_row(number) for number in range(stories))
    made = Statement(MONTH, "usd", 3, PartnerId("p1"), rows, moved)
    paper = MonthOnPaper(made, 12, is_closed=True, made_at="2026-12-03T08:00:00.000Z", payouts=())
    return Printed(paper, "Yusra Müller يسرى", TITLES)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def words_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_every_line_of_the_account_is_there_and_they_add_up() -> None:
    made = a_statement().statement
    assert set(made.lines) == {"earned", "adjusted", "granted", "held", "released", "withheld", "paid"}
    moved = made.movements
    came = made.earned_micros + moved.adjustments_micros + moved.grants_micros + moved.released_micros
    went = moved.held_micros + micros_of(moved.paid_minor + moved.withheld_minor)
    assert made.balance_after_micros == moved.balance_before_micros + came - went


def test_lines_of_nothing_are_left_out() -> None:
    printed = a_statement(moved=Movements())
    assert [says for says, _ in printed.lines] == ["Earned in the month", "Carried on"]


def test_a_csv_has_every_story_and_its_account_adds_up(aws: None) -> None:
    text = as_csv(a_statement())
    assert text.startswith("\ufeff" + ",".join(HEAD))
    rows = rows_of(text)
    stories = [row for row in rows if row["row"] == "story"]
    account = [int(row["amount_micros"]) for row in rows if row["row"] == "account"]
    assert len(stories) == 5
    assert sum(account[:-1]) == account[-1]
    assert sum(int(row["amount_micros"]) for row in stories) == account[1]
    for row in stories:
        causes = ("reading", "engagement", "follower_bonus", "boost_bonus")
        assert sum(int(row[f"{cause}_micros"]) for cause in causes) == int(row["story_micros"])
    assert stories[1]["title"] == TITLES["s1"]
    assert {(row["currency"], row["rule_version"]) for row in rows} == {("usd", "3")}


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n=1", "-2+3+cmd|' /C calc'!A0"]
)
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Salt = life", "9 to 5", "“-” and “+”", 'a, "b"\nc'])
def test_any_other_title_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_a_pdf_says_what_the_statement_says(aws: None) -> None:
    printed = a_statement()
    reader = PdfReader(io.BytesIO(as_pdf(printed)))
    (said,) = words_of(as_pdf(printed))
    assert "Longhand: statement for November 2026" in said
    assert "version 3 of the rule" in said
    assert GROSS in said
    assert "Page 1 of 1" in said
    for says, micros in printed.lines:
        assert f"{says}\n{amount(micros)}" in said
    for row in printed.statement.stories:
        assert amount(row.part_micros) in said
    assert "Salt, and who owned it" in said
    assert reader.metadata
    assert reader.metadata.title == "Longhand: statement for November 2026"


def test_a_pdf_is_tagged_and_says_its_language(aws: None) -> None:
    reader = PdfReader(io.BytesIO(as_pdf(a_statement(stories=80))))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    document = root["/StructTreeRoot"]["/K"].get_object()
    kinds = [each.get_object()["/S"] for each in document["/K"]]
    assert kinds == ["/H1", "/P", "/P", "/P", "/P", "/P", "/H2", "/Table", "/H2", "/Table"]
    rows = [each.get_object() for each in document["/K"][-1].get_object()["/K"]]
    assert {cell.get_object()["/S"] for row in rows for cell in row["/K"]} == {"/TH", "/TD"}
    assert [page["/StructParents"] for page in reader.pages] == list(range(len(reader.pages)))


def test_a_long_statement_takes_several_pages_and_each_says_which(aws: None) -> None:
    pages = words_of(as_pdf(a_statement(stories=80)))
    assert len(pages) > 2
    for number, said in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in said
        assert "Member reads" in said


def test_a_very_long_one_sums_the_rest_up_and_names_where_they_are(aws: None) -> None:
    printed = a_statement(stories=STORIES_MAX + 7)
    last = words_of(as_pdf(printed))[-1]
    assert "7 more, in the CSV" in last
    assert amount(printed.statement.earned_micros) in last
    assert len(rows_of(as_csv(printed))) == STORIES_MAX + 7 + 9


def test_letters_of_every_script_are_drawn_or_said_to_be_lacking(aws: None) -> None:
    (said,) = words_of(as_pdf(a_statement()))
    assert "ÄÖÜß" in said
    assert "2026" in said
    assert f"{LACKS} stands for a letter" in said
    lacking_nothing = Printed(a_statement(stories=2).paper, "Yusra", TITLES)
    assert LACKS not in words_of(as_pdf(lacking_nothing))[0]


def test_what_is_drawn_otherwise_is_still_read_as_it_was_written(aws: None) -> None:
    data = b"".join(
        page.get_contents().get_data() for page in PdfReader(io.BytesIO(as_pdf(a_statement()))).pages
    )  # type: ignore[union-attr]
    for title in (TITLES["s2"], TITLES["s4"]):
        assert title.encode("utf-16-be").hex().encode() in data


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("سلام", "\ufee1\ufefc\ufeb3"),  # seen joins lam with alef, which joins nothing after it
        ("عليكم", "\ufee2\ufedc\ufef4\ufee0\ufecb"),
        ("البحر 2026", "2026 \ufeae\ufea4\ufe92\ufedf\ufe8d"),
        ("(שלום)", "(םולש)"),
        ("שלום New York", "New York םולש"),
        ("A שלום B", "A םולש B"),
        ("Ä plain title (2026)", "Ä plain title (2026)"),
        ("two\u0000\u202e\nlines", "two lines"),
    ],
)
def test_text_is_drawn_from_left_to_right_with_its_letters_joined(text: str, signs: str) -> None:
    assert drawn(text, lambda sign: True) == signs


def test_a_partner_of_many_stories_has_them_all(aws: None) -> None:
    who, count = ids.new(), sheets.STORIES_A_PAGE * 2 + 3
    rows = tuple(a_row(number, micros=2_000_000) for number in range(count))
    earned = sum(row.part_micros for row in rows)
    when = clock.rfc3339(AFTER_NOVEMBER)
    sheets.keep("statement", Sheet(MONTH, PartnerId(who), 1, rows, 3, earned_micros=earned), when)
    made = service.statement(who, MONTH).statement
    assert len(made.stories) == count
    assert made.earned_micros == earned == made.balance_after_micros


def test_an_estimate_with_fewer_stories_than_the_one_before_has_just_those(aws: None) -> None:
    who = PartnerId(ids.new())
    many = tuple(a_row(number) for number in range(sheets.STORIES_A_PAGE + 5))
    for day, rows in enumerate((many, many[:-5])):
        when = clock.rfc3339(AFTER_NOVEMBER + timedelta(days=day))
        sheets.keep("estimate", Sheet(LATER, who, 1, rows), when)
    found = service.estimate(who, LATER)
    assert found
    assert len(found.statement.stories) == sheets.STORIES_A_PAGE


def test_a_debt_that_was_written_off_is_an_adjustment_then_and_brought_forward_after(aws: None) -> None:
    who, when = PartnerId(ids.new()), clock.rfc3339(AFTER_NOVEMBER)
    for month, adjusted in ((MONTH, -5_000_000), (LATER, 0), ("2027-01", 0)):
        earned = 0 if adjusted else 2_000_000
        sheet = Sheet(month, who, 1, (a_row(1, earned * 2),) if earned else (), earned_micros=earned)
        sheets.keep("statement", replace(sheet, adjustments_micros=adjusted), when)
    ledger.post(writeoff_entry(LATER, who, 3_000_000), AFTER_NOVEMBER)
    first, then, after = (service.statement(who, m).statement for m in (MONTH, LATER, "2027-01"))
    assert first.balance_after_micros == -5_000_000
    assert then.movements.balance_before_micros == -5_000_000
    assert (then.movements.adjustments_micros, then.balance_after_micros) == (3_000_000, 0)
    assert after.movements.balance_before_micros == 0
    assert after.balance_after_micros == 2_000_000


def test_the_page_shows_a_hundred_stories_and_sums_all(aws: None) -> None:
    client = Client(signed_in("wen@example.org", at=clock.now()).token)
    who = client.put("/api/me/handle", {"handle": "wen"}).json()["id"]
    rows = tuple(replace(a_row(n, micros=2_000_000), story=StoryId(ids.new())) for n in range(103))
    sheet = Sheet(MONTH, PartnerId(who), 1, rows, 3, earned_micros=103_000_000)
    sheets.keep("statement", sheet, clock.rfc3339(AFTER_NOVEMBER))
    browser = Client(cookie=client.token, headers={"accept": "text/html"})
    first, second = (browser.get(f"/earnings/{MONTH}{query}").text for query in ("", "?page=2"))
    assert (first.count(GONE), second.count(GONE)) == (1 + 8 + 100, 3 + 3)
    assert "Page 1 of 2" in first
    assert "all 103 stories" in second
    assert "Your<br>part" in first
    assert browser.get(f"/earnings/{MONTH}?page=3").status == 404
    assert browser.get(f"/earnings/{MONTH}?page=0").status == 404


def test_a_story_that_is_gone_says_so(aws: None) -> None:
    assert GONE in as_csv(Printed(a_statement(stories=9).paper, "Yusra", TITLES))


def test_printing_costs_no_cold_start() -> None:
    code = "import app, sys; sys.exit('reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
