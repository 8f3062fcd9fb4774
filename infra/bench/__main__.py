"""`make bench`: prints every figure with its goal. Times are ratios; nothing here fails a build."""

import os
import sys

from infra import cloud
from infra.bench import Figure


def main() -> int:
    os.environ.update(cloud.credentials() | cloud.settings("http://localhost:8000", "http://localhost:8001"))
    from infra.bench import closes, lists, months, serving, stack, starting, weights

    for subject in (starting, stack, lists, months, closes, weights, serving):
        for figure in subject.figures():
            print(_line(figure), flush=True)
    return 0


def _line(figure: Figure) -> str:
    mark = {True: "met", False: "NOT MET", None: ""}[figure.met]
    return f"{figure.what:<68} {figure.value:<36} {figure.goal:<16} {mark}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
