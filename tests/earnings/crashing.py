"""Where a process may die: after each of its writes, and before the first.

A crash before a write, or at a read, leaves what a crash after the write before it leaves.
"""

from collections.abc import Callable

from infra.faults import Plan, counting

READS = ("Query", "GetItem", "BatchGetItem", "GetObject", "GetParameter", "get ")


def crash_points(deed: Callable[[], object]) -> list[Plan]:
    """One plan for each point. The deed is done once, to count; begin each plan from the same state as it."""
    with counting() as watch:
        deed()
    writes = [call.number for call in watch.calls if not call.operation.startswith(READS)]
    assert writes
    return [Plan("crash before", at=writes[0]), *(Plan("crash after", at=number) for number in writes)]
