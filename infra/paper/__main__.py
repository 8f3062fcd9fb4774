"""`python -m infra.paper`: the paper, in Markdown; with `--write`, into the README between its two marks."""

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from infra.environments import ROOT
from infra.paper import model
from infra.paper.model import Row, Use

MEASURED = Path(__file__).with_name("measured.json")
README = ROOT / "README.md"
BEGIN, END = "<!-- paper -->\n", "<!-- end of paper -->"
PACE = 20  # transfers a second


def measured() -> dict[str, Use]:
    return {what: Use(**use) for what, use in json.loads(MEASURED.read_text(encoding="utf-8")).items()}


def paper() -> str:
    rows = model.rows(measured())
    ours = sum((row.dollars for row in rows), Fraction(0)) + sum(model.beside().values(), Fraction(0))
    lines = [*_table(rows), *_beside(), f"| **all of it** | | | | | | **{_dollars(ours)}** |"]
    return "\n".join([*lines, "", _money(ours)]) + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    head = (
        "| what | a month | reads | writes | calls | hours | dollars |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    return [head, *map(_line, rows)]


def _line(row: Row) -> str:
    reads = f"{row.use.half_reads // 2}{'½' if row.use.half_reads % 2 else ''}"
    figures = (
        f"{row.times:,}",
        reads,
        row.use.writes,
        row.use.calls,
        f"{float(row.hours):,.0f}",
        _dollars(row.dollars),
    )
    return f"| {row.what} | {' | '.join(map(str, figures))} |"


def _beside() -> list[str]:
    return [f"| {what} | | | | | | {_dollars(dollars)} |" for what, dollars in model.beside().items()]


def _money(ours: Fraction) -> str:
    found = model.money()
    share = f"{float(ours / found.taken * 100):.1f} %"
    return " ".join(
        (
            f"Of {model.READERS:,} readers {model.MEMBERS:,} are members ({model.FRIENDS:,} friends).",
            f"Their dues are {_dollars(found.taken)} a month; writers get {_dollars(found.writers)}.",
            f"Stripe takes {_dollars(found.card_fees)} for the cards",
            f"and {_dollars(found.connect_fees)} for {model.PAID:,} accounts that are paid.",
            f"All of AWS is {_dollars(ours)}, {share} of the dues.",
            f"The platform is left with {_dollars(found.left - ours)}.",
            f"The transfers take {model.transfer_minutes(PACE)} minutes at {PACE} a second.",
        )
    )


def _dollars(amount: Fraction) -> str:
    return f"${float(amount):,.0f}" if amount >= 10 else f"${float(amount):,.2f}"


def written(readme: str) -> str:
    """The README with the paper between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{paper()}{END}{after}"


def main(arguments: Sequence[str]) -> int:
    if "--write" in arguments:
        README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(paper())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
