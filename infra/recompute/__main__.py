"""`python -m infra.recompute MONTH.json`: print the month's result, or say where the file is wrong.

A partner's or a member's own file is recomputed line by line: exit status 1 names what does not follow.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from chalicelib.earnings.month_file import member, partner
from chalicelib.earnings.month_file.computing import by_rules, computed
from chalicelib.earnings.month_file.json_stream import Document, Misshapen
from chalicelib.earnings.month_file.writing import result_of

DISAGREES, REFUSED = 1, 2
MESSAGE_CHARS_MAX = 500


class Disagrees(Exception):
    """A partner's or a member's file whose figures do not follow from its lines."""


def recompute(source: BinaryIO) -> dict[str, object]:
    """The month's result, by the rules; raises Misshapen where the file is not a month."""
    return result_of(*by_rules(source))


def of_partner(source: BinaryIO) -> dict[str, object]:
    """What a partner's file comes to; raises Disagrees, naming what does not follow from its lines."""
    found = asdict(partner.recompute_partner(source))
    if faults := found.pop("faults"):
        raise Disagrees("\n".join(faults))
    return found | {"kind": partner.KIND}


def of_member(source: BinaryIO) -> dict[str, object]:
    """What a member's own month comes to; raises Disagrees, naming where the file says otherwise."""
    found, faults = member.recompute_member(source)
    if faults:
        raise Disagrees("\n".join(faults))
    return found | {"kind": member.KIND}


def main(arguments: Sequence[str] | None = None) -> int:
    path = _parser().parse_args(arguments).file
    try:
        with _seekable(path) as source:
            result = _of_any_kind(source)
    except Misshapen as wrong:
        print(_printable(str(wrong)), file=sys.stderr)
        return REFUSED
    except Disagrees as wrong:
        print("\n".join(map(_printable, str(wrong).splitlines())), file=sys.stderr)
        return DISAGREES
    except OSError as failed:
        print(f"{path}: {failed.strerror}", file=sys.stderr)
        return REFUSED
    json.dump(result, sys.stdout, sort_keys=True)
    print()
    return 0


def _of_any_kind(source: BinaryIO) -> dict[str, object]:
    try:
        return result_of(*computed(source))
    except Misshapen as wrong:
        if wrong.at != "kind":
            raise
        source.seek(0)
        kind = _kind_of(source)
        source.seek(0)
        return of_member(source) if kind == member.KIND else of_partner(source)


def _kind_of(source: BinaryIO) -> object:
    """What the file says that it is; a whole month says nothing."""
    document = Document(source)
    for key in document.sections():
        value = document.value()
        if key == "kind":
            return value
    return None


def _printable(message: str) -> str:
    """Keys and values of a file are another's text: no control characters reach the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in message[:MESSAGE_CHARS_MAX])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.recompute", description=__doc__)
    parser.add_argument(
        "file", type=Path, metavar="MONTH.json", help="a month, as an export or one's own download holds it"
    )
    return parser


@contextmanager
def _seekable(path: Path) -> Iterator[BinaryIO]:
    """The file; of a pipe, a copy that can be read twice."""
    with path.open("rb") as source:
        if source.seekable():
            yield source
        else:
            with TemporaryFile() as copy:
                yield _copied(source, copy)


def _copied(source: BinaryIO, copy: IO[bytes]) -> BinaryIO:
    shutil.copyfileobj(source, copy)
    copy.seek(0)
    return copy  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
