"""What can be made to go wrong, on demand, at the next calls that fit."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

# Before the deed: nothing was done, nothing is remembered. After it: it was done, whatever the caller sees.
BEFORE = ("429", "500", "close", "slow")
AFTER = ("500_after", "close_after", "timeout")
KINDS = BEFORE + AFTER


@dataclass
class Fault:
    """A kind of failure for the next `times` calls of this method and path, after letting `after` pass."""

    kind: str
    method: str = ""
    path: str = ""
    times: int = 1
    after: int = 0
    seconds: float = 30.0

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("", method) and path.startswith(self.path)


class Faults:
    """The faults that are planted; each is used up."""

    def __init__(self) -> None:
        self._planted: list[Fault] = []
        self._limits: dict[str, int] = {}
        self._taken: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def plant(self, **what: Any) -> Fault:
        """Raises ValueError on an unknown kind."""
        fault = Fault(**what)
        if fault.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        with self._lock:
            self._planted.append(fault)
        return fault

    def limit(self, path: str, per_second: int) -> None:
        """From now on no more POSTs to this path in any second; 0 takes the limit away."""
        with self._lock:
            self._limits[path] = per_second
            self._taken[path] = deque(maxlen=per_second or None)

    def clear(self) -> None:
        with self._lock:
            self._planted.clear()
            self._limits.clear()

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            if method == "POST" and self._limits.get(path) and self._too_often(path):
                return Fault("429")
            for fault in self._planted:
                if not fault.fits(method, path):
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._planted.remove(fault)
                return fault
        return None

    def _too_often(self, path: str) -> bool:
        now, taken = time.monotonic(), self._taken[path]
        if len(taken) == taken.maxlen and now - taken[0] < 1:
            return True
        taken.append(now)
        return False
