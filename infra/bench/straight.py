"""`python -m infra.bench.straight MONTH.json`: a month straight in DuckDB, with no check of the file at all.

What `infra.recompute` is compared with: the same file in, the same JSON out, parsing included. DuckDB reads
the one object whole, so this takes as much memory as it takes.
"""

import json
import sys
from pathlib import Path

from chalicelib.earnings.month_file.columnar.engine import Engine
from chalicelib.earnings.month_file.columnar.shapes import Story
from chalicelib.earnings.month_file.columnar.spool import Spooled
from chalicelib.earnings.month_file.shapes import read_policy
from chalicelib.earnings.month_file.writing import result_of

OBJECT_BYTES_MAX = 4_000_000_000
DOCUMENT = """
CREATE TABLE document AS SELECT * FROM read_json($file, maximum_object_size = $most, columns = {
    month: 'VARCHAR', policy: 'JSON',
    members: 'STRUCT(id VARCHAR, dues_micros STRUCT(member BIGINT, friend BIGINT), carried_micros BIGINT)[]',
    stories: 'STRUCT(id VARCHAR, author VARCHAR, shares_bps MAP(VARCHAR, BIGINT))[]',
    readings: 'STRUCT(member VARCHAR, story VARCHAR, day VARCHAR, seconds INTEGER, expected_s INTEGER,
        follower BOOLEAN, boosted BOOLEAN)[]',
    engagements: 'STRUCT(member VARCHAR, story VARCHAR, kind VARCHAR)[]'})
"""
UNNESTED = "(SELECT each.* FROM (SELECT unnest({name}) AS each FROM document))"


class Straight(Engine):
    """The engine with the document in place of what was spooled."""

    def load(self) -> None:
        import duckdb

        self._duck = duckdb.connect(config={"threads": 2, "memory_limit": "16GB"})
        file = str(self._found.folder)
        self._duck.execute(DOCUMENT, {"file": file, "most": OBJECT_BYTES_MAX})
        month, policy, stories = self._rows("SELECT month, policy, stories FROM document")[0]
        self._found.month, self._found.policy = month, read_policy(json.loads(policy))
        self._found.stories = [Story(each["id"], each["author"], each["shares_bps"]) for each in stories]
        super().load()

    def _load_list(self, name: str, statement: str, **values: object) -> None:
        begin = statement.index("read_json(")
        end = statement.index("})", begin) + 2
        unnested = UNNESTED.format(name=name)
        self._duck.execute(statement[:begin] + unnested + statement[end:], values or None)
        table = {"members": "member", "readings": "reading", "engagements": "engagement"}[name]
        self._found.counts[name] = self._rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608


def main(file: str) -> None:
    with Straight(Spooled(Path(file)), 2) as engine:
        totals = engine.totals()
        json.dump(result_of(engine.month, totals), sys.stdout, sort_keys=True)
    print()


if __name__ == "__main__":
    main(sys.argv[1])
