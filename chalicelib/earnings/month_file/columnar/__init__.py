"""A month computed by columns, for files too large to compute by rows: the same result, to the micro.

`rules` says what a month must give; this gives it for ten million readings, by DuckDB, in flat memory. What
it cannot vouch for (a fault in the file, a number beyond its bounds, a text with escapes) it hands back by
raising GivesWay, and whoever called computes by the rules, or learns from them what is wrong and where.
"""

from chalicelib.earnings.month_file.columnar.engine import compute_file
from chalicelib.earnings.month_file.columnar.spool import GivesWay

__all__ = ["GivesWay", "compute_file"]
