"""DuckDB does the month: what was spooled is loaded, checked, split and added up."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from chalicelib.earnings.month_file.columnar import statements as sql
from chalicelib.earnings.month_file.columnar.spool import GivesWay, Spooled, check_bounds, spool
from chalicelib.earnings.rules.month import MonthTotals, StoryMonth
from chalicelib.earnings.rules.months import days
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import KINDS, MemberId, PartnerId, StoryId
from chalicelib.earnings.rules.split import Causes
from chalicelib.kit.money import split

# Beside Python itself and DuckDB's own this stays under the 2 GiB that a month may take.
MEMORY = "1100MB"


def compute_file(
    source: BinaryIO, *, policy: EarningsPolicy | None = None, threads: int = 2
) -> tuple[str, MonthTotals]:
    """The month that the file is of, and its totals, by its own policy or by another.

    Raises GivesWay where the rules have to.
    """
    with TemporaryDirectory(prefix="month-") as folder:
        found = spool(source, Path(folder))
        found.policy = check_bounds(policy or found.policy)
        with Engine(found, threads) as engine:
            return found.month, engine.totals()


class Engine:
    """One month's tables, and what follows from them."""

    def __init__(self, found: Spooled, threads: int) -> None:
        import duckdb

        self._found = found
        self._duck = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": MEMORY,
                "temp_directory": str(found.folder),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
            }
        )

    @property
    def month(self) -> str:
        return self._found.month

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self._duck.close()

    def totals(self) -> MonthTotals:
        import duckdb

        try:
            self.load()
            self._split()
        except duckdb.OutOfRangeException as beyond:
            raise GivesWay("a sum beyond all bounds") from beyond
        stories = self._stories()
        dues, own, carried_in = map(int, self._rows(sql.SUMS)[0])
        carried = {MemberId(member): int(micros) for member, micros in self._rows(sql.CARRIED)}
        partners: dict[PartnerId, int] = {}
        for story in stories.values():
            for partner, micros in story.parts.items():
                partners[partner] = partners.get(partner, 0) + micros
        return MonthTotals(dues, own, carried_in, carried, stories, partners)

    def load(self) -> None:
        policy, duck = self._found.policy, self._duck
        shares = policy.partner_share_bps
        duck.execute(sql.MACRO)
        self._load_list("members", sql.LOAD_MEMBERS, member_bps=shares["member"], friend_bps=shares["friend"])
        self._load_stories()
        named = [day.isoformat() for day in days(self._found.month)]
        self._load_list("readings", sql.LOAD_READINGS, days=named)
        self._load_list("engagements", sql.LOAD_ENGAGEMENTS)
        for name in ("member", "reading", "engagement"):
            kept = self._rows(f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608 - our own names
            if kept != self._found.counts[f"{name}s"]:
                raise GivesWay(f"some {name}s name what is not there")
        duck.execute(sql.OPENED)
        if self._rows(sql.FAULTS)[0][0]:
            raise GivesWay("something is given twice, or read by its author")

    def _load_list(self, name: str, statement: str, **values: object) -> None:
        files = self._found.files(name) or [self._an_empty_list()]
        self._duck.execute(statement, {"files": files, **values})

    def _an_empty_list(self) -> str:
        path = self._found.folder.joinpath("none.json")
        path.write_text("[]")
        return str(path)

    def _load_stories(self) -> None:
        stories = sorted(self._found.stories, key=lambda each: each.id)
        if len({each.id for each in stories}) != len(stories):
            raise GivesWay("a story is given twice")
        authors: dict[str, int] = {}
        for each in stories:
            authors.setdefault(each.author, len(authors))
        self._duck.execute("CREATE TABLE story (story INTEGER, id VARCHAR, author INTEGER)")
        self._duck.execute("CREATE TABLE holder (story INTEGER, id VARCHAR)")
        self._insert("story", [(at, each.id, authors[each.author]) for at, each in enumerate(stories)])
        holders = [
            (at, holder) for at, each in enumerate(stories) for holder in {each.author, *each.shares_bps}
        ]
        self._insert("holder", holders)

    def _insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Many rows at once, each column as one list."""
        if not rows:
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        wanted = ", ".join(f"unnest(${at + 1})" for at in range(len(columns)))
        self._duck.execute(f"INSERT INTO {table} SELECT {wanted}", columns)

    def _split(self) -> None:
        policy, run = self._found.policy, self._duck.execute
        run(sql.QUALIFIED, {"cap_bps": policy.read_cap_bps, "floor_s": policy.read_floor_s})
        run("DROP TABLE reading")
        worth = {f"{kind}_bps": getattr(policy, f"{kind}_bps") for kind in KINDS}
        bonuses = {"follower_bps": policy.follower_bonus_bps, "boost_bps": policy.boost_bonus_bps}
        run(sql.POINTS, {"ratio_bps": policy.read_ratio_floor_bps, **bonuses, **worth})
        run(sql.POOLS)
        run(sql.SPLIT)

    def _stories(self) -> dict[StoryId, StoryMonth]:
        opened = dict(self._rows(sql.OPENED_BY))
        shares = {story.id: story.shares_bps for story in self._found.stories}
        found = {}
        for row in self._rows(sql.STORIES):
            story, qualified = row[0], row[4]
            micros, points, seconds, engagement, follower, boost = (int(row[at]) for at in (1, 2, 3, 5, 6, 7))
            found[StoryId(story)] = StoryMonth(
                id=StoryId(story),
                micros=micros,
                points=points,
                seconds=seconds,
                opened=opened[story],
                qualified=qualified,
                causes=Causes(micros - engagement - follower - boost, engagement, follower, boost),
                parts=split(micros, {PartnerId(name): share for name, share in shares[story].items()}),
            )
        return found

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._duck.execute(statement).fetchall()
