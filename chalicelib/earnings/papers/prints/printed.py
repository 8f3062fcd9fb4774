"""What is printed of a closed month: its figures, the titles beside them, and the words for each line."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.earnings.papers import statements as papers
from chalicelib.earnings.papers.statements import MonthOnPaper
from chalicelib.earnings.rules.statement import Line, Statement
from chalicelib.kit.operations import Viewer

GONE = "A story that is no longer here"
GROSS = "Earnings are gross, and include any VAT that the partner owes."
BEFORE, AFTER = "Brought forward", "Carried on"
SAYS: dict[Line, str] = {
    "earned": "Earned in the month",
    "adjusted": "Adjusted",
    "granted": "Granted from the commons",
    "held": "Held: from cards that are new",
    "released": "Released: held before",
    "withheld": "Withheld for taxes",
    "paid": "Paid, less what came back",
}


@dataclass(frozen=True)
class Printed:
    """A statement with the name of its partner and its stories' titles, by their ids."""

    paper: MonthOnPaper
    partner: str
    titles: Mapping[str, str]

    @property
    def statement(self) -> Statement:
        return self.paper.statement

    @property
    def lines(self) -> list[tuple[str, int]]:
        """Every line of the account in words, signed: all but the last sum to the last."""
        made = self.statement
        moved = [(SAYS[line], micros) for line, micros in made.lines.items()]
        before = made.movements.balance_before_micros
        return [*([(BEFORE, before)] if before else []), *moved, (AFTER, made.balance_after_micros)]

    def title(self, story: str) -> str:
        return self.titles.get(story) or GONE


def printed(by: Viewer, month: str) -> Printed:
    """Raises NotFound where the month has no statement."""
    paper = papers.statement(by.person_id, month)
    cards = papers.titles(paper.statement.stories)
    return Printed(paper, by.name or by.handle, {story: card.title for story, card in cards.items()})
