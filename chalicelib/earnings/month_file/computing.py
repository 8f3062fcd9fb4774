"""A frozen month computed: by columns where it is large and DuckDB is at hand, else by the rules."""

import os
from dataclasses import replace
from typing import BinaryIO

from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.rules.month import MonthTotals, compute_totals
from chalicelib.earnings.rules.policy import EarningsPolicy

LARGE_BYTES = 1 << 24  # some 100,000 readings: below it DuckDB takes longer to start than the rules to end


def computed(source: BinaryIO, policy: EarningsPolicy | None = None) -> tuple[str, MonthTotals]:
    """The month's name and totals, by its own policy or by another; raises Misshapen, saying where."""
    is_large = source.seek(0, os.SEEK_END) >= LARGE_BYTES
    return (by_columns(source, policy) if is_large else None) or by_rules(source, policy)


def by_rules(source: BinaryIO, policy: EarningsPolicy | None = None) -> tuple[str, MonthTotals]:
    source.seek(0)
    frozen = read_month(source)
    return frozen.month, compute_totals(replace(frozen, policy=policy) if policy else frozen)


def by_columns(source: BinaryIO, policy: EarningsPolicy | None = None) -> tuple[str, MonthTotals] | None:
    """None where DuckDB is not installed, or gives way."""
    from chalicelib.earnings.month_file.columnar import GivesWay, compute_file

    source.seek(0)
    try:
        return compute_file(source, policy=policy)
    except (GivesWay, ImportError):
        return None
