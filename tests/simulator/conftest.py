"""The stage on which worlds are played, and the opening of all histories."""

from collections.abc import Iterator

import pytest

from infra.simulator.history import Opening, opening
from infra.simulator.stage import Stage, staged


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as found:
        yield found


@pytest.fixture
def begun(stage: Stage) -> Opening:
    return opening(stage)
