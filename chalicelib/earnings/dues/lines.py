"""What members paid for, line by line, as the rules want it."""

from typing import cast

from chalicelib.earnings.dues.booking import open_from
from chalicelib.earnings.rules.dues import DuesLine
from chalicelib.earnings.rules.policy import Tier
from chalicelib.members import rules as members_rules


def dues_line(line: members_rules.DuesLine) -> DuesLine:
    return DuesLine(
        tier=cast(Tier, line.tier),
        net_micros=line.net_micros,
        start=line.start,
        end=line.end,
        open_from=open_from(line.recorded_at),
        id=line.id,
    )
