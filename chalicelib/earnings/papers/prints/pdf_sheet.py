"""A statement as a PDF: the account, then story by story, on as many pages as it takes."""

from dataclasses import dataclass

from chalicelib.earnings.papers.prints.letters import LACKS
from chalicelib.earnings.papers.prints.paper import HIGH, WIDE, At, Element, Paper, has
from chalicelib.earnings.papers.prints.printed import GROSS, Printed
from chalicelib.earnings.rules.months import first_day
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.kit.money import MICROS_PER_UNIT
from chalicelib.kit.settings import settings

MAGAZINE = "Longhand"
INVENTED = "Demo magazine; people, stories and sums are invented."
LACKED = f"{LACKS} stands for a letter that this document’s typeface lacks; the page and the CSV have it."
LEFT, RIGHT, TOP, BOTTOM = 48, WIDE - 48, HIGH - 48, 56
SMALL, TEXT, HEAD = 8, 10, 20
ROW = 15
STORIES_MAX = 500  # a second’s work, a tenth of what may be answered; the rest in one line
TITLE_WIDE = 216
AMOUNT_AT = 340
COLUMNS = (
    ("Member reads", 312), ("Seconds", 360), ("Points", 437), ("Reading", 496), ("Engagement", 557),
    ("Follower bonus", 620), ("Boost bonus", 678), ("Together", 736), ("Your part", RIGHT),
)  # fmt: skip


@dataclass
class _Place:
    """How far down the page the drawing has come."""

    y: int = TOP

    def down(self, by: int) -> int:
        self.y -= by
        return self.y


def as_pdf(of: Printed) -> bytes:
    paper = Paper(title=f"{MAGAZINE}: statement for {_name(of)}", author=MAGAZINE)
    place = _Place()
    _head(paper, of, place)
    _account(paper, of, place)
    _stories(paper, of, place)
    return paper.finished(lambda number, pages: _foot(of, number, pages))


def amount(micros: int) -> str:
    """In the currency's unit, with all its millionths: 1234567890 is `1,234.567890`."""
    whole, rest = divmod(abs(micros), MICROS_PER_UNIT)
    return f"{'−' if micros < 0 else ''}{whole:,}.{rest:06}"


def _name(of: Printed) -> str:
    return f"{first_day(of.statement.month):%B %Y}"


def _head(paper: Paper, of: Printed, place: _Place) -> None:
    made, document = of.statement, paper.document
    title = f"{MAGAZINE}: statement for {_name(of)}"
    paper.write(document.add("H1"), title, At(LEFT, place.down(HEAD), HEAD))
    place.down(8)
    says = [
        f"For {of.partner}",
        f"Closed on {of.paper.made_at[:10]}, by version {made.policy_version} of the rule.",
        f"Amounts are in {made.currency.upper()}, with their millionths.",
        GROSS,
    ]
    says += [LACKED] if _lacks(of) else []
    for line in says:
        paper.write(document.add("P"), line, At(LEFT, place.down(ROW), TEXT, wide=RIGHT - LEFT))


def _lacks(of: Printed) -> bool:
    written = [of.partner, *(of.title(row.story) for row in of.statement.stories)]
    return any(not has(sign) for text in written for sign in text if sign.isprintable())


def _account(paper: Paper, of: Printed, place: _Place) -> None:
    place.down(ROW)
    paper.write(paper.document.add("H2"), "The account", At(LEFT, place.down(ROW), TEXT + 2))
    place.down(5)
    table, lines = paper.document.add("Table"), of.lines
    for number, (says, micros) in enumerate(lines):
        if number == len(lines) - 1:
            paper.line(place.y - 4, LEFT, AMOUNT_AT)
        row, y = table.add("TR"), place.down(ROW)
        paper.write(row.add("TH", "Row"), says, At(LEFT, y, TEXT))
        paper.write(row.add("TD"), amount(micros), At(AMOUNT_AT, y, TEXT, ends=True))
    for gap in (4, 6):
        paper.line(place.y - gap, LEFT, AMOUNT_AT)


def _stories(paper: Paper, of: Printed, place: _Place) -> None:
    rows = of.statement.stories
    if not rows:
        return
    if place.y - 5 * ROW < BOTTOM:
        _next(paper, place)
    place.down(ROW + ROW // 2)
    paper.write(paper.document.add("H2"), "Story by story", At(LEFT, place.down(ROW), TEXT + 2))
    table = paper.document.add("Table")
    _heads(paper, table, place)
    for number, row in enumerate(rows[:STORIES_MAX]):
        if place.y - ROW < BOTTOM:
            _next(paper, place)
            _heads(paper, table, place)
        if number % 2 == 0:
            paper.shade(LEFT - 4, place.y - ROW - 4, RIGHT - LEFT + 8, ROW)
        _row(paper, table.add("TR"), place.down(ROW), (of.title(row.story), _figures(row)))
    if place.y - 2 * ROW < BOTTOM:
        _next(paper, place)
    if more := rows[STORIES_MAX:]:
        _row(paper, table.add("TR"), place.down(ROW), (f"{len(more):,} more, in the CSV", _sums(more)))
    paper.line(place.y - 5, LEFT, RIGHT)
    _row(paper, table.add("TR"), place.down(ROW + 2), ("Together", _sums(rows)))


def _heads(paper: Paper, table: Element, place: _Place) -> None:
    row, y = table.add("TR"), place.down(ROW)
    paper.write(row.add("TH", "Column"), "Story", At(LEFT, y, SMALL))
    for says, x in COLUMNS:
        paper.write(row.add("TH", "Column"), says, At(x, y, SMALL, ends=True))
    paper.line(place.y - 4, LEFT, RIGHT)


def _row(paper: Paper, row: Element, y: int, cells: tuple[str, tuple[str, ...]]) -> None:
    title, figures = cells
    paper.write(row.add("TH", "Row"), title, At(LEFT, y, SMALL, wide=TITLE_WIDE))
    for (_, x), figure in zip(COLUMNS, figures, strict=True):
        paper.write(row.add("TD"), figure, At(x, y, SMALL, ends=True))


def _figures(row: StatementStory) -> tuple[str, ...]:
    why = row.causes
    causes = (why.reading, why.engagement, why.follower_bonus, why.boost_bonus)
    counts = (f"{row.reads:,}", f"{row.seconds:,}", f"{row.points:,}")
    return (*counts, *map(amount, (*causes, row.micros, row.part_micros)))


def _sums(rows: tuple[StatementStory, ...]) -> tuple[str, ...]:
    whys = [row.causes for row in rows]
    sums = (
        sum(why.reading for why in whys),
        sum(why.engagement for why in whys),
        sum(why.follower_bonus for why in whys),
        sum(why.boost_bonus for why in whys),
        sum(row.micros for row in rows),
        sum(row.part_micros for row in rows),
    )
    counts = (sum(row.reads for row in rows), sum(row.seconds for row in rows), sum(r.points for r in rows))
    return (*(f"{each:,}" for each in counts), *map(amount, sums))


def _next(paper: Paper, place: _Place) -> None:
    paper.turn()
    place.y = TOP


def _foot(of: Printed, number: int, pages: int) -> list[tuple[str, At]]:
    says = f"{MAGAZINE}, statement for {_name(of)}, {of.partner}"
    says += f". {INVENTED}" if settings().stage == "local" else ""
    return [
        (says, At(LEFT, 32, SMALL)),
        (f"Page {number} of {pages}", At(RIGHT, 32, SMALL, ends=True)),
    ]
