"""A cold start imports no feature, and a request opens the rooms that can answer it."""

import os
import subprocess
import sys

from chalicelib.kit.rooms import Rooms, parts_of
from infra import cloud
from infra.bench import starting

MODULES_MAX = 415  # boto3 alone and its first client are 392
FEATURES_LOADED = """
import sys
print(*(n for n in sys.modules if n.startswith("chalicelib.") and not n.startswith("chalicelib.kit")))
"""
ASTRAY = """
import app
from chalicelib.kit.rooms import Rooms, parts_of

rooms, before = Rooms(app.ROOMS), set()
for room in app.ROOMS:
    app.app.open(room)
    declared = {(verb, path) for path, verbs in app.app.routes.items() for verb in verbs}
    for verb, path in declared - before:
        under, answering = rooms.answering(parts_of(path))
        if room not in answering or not path.startswith(under):
            print(f"{room} declares {verb} {path}, which is looked for in {answering}, under {under}")
    before = declared
"""


def test_the_most_literal_path_decides() -> None:
    rooms = Rooms({"home": ["/", "/{who}"], "month": ["/books/{month}"], "ledger": ["/books/ledger"]})
    assert rooms.answering(parts_of("/books/ledger/accounts")) == ("/books/ledger", ["ledger"])
    assert rooms.answering(parts_of("/books/2026-11")) == ("/books/{month}", ["month"])
    assert rooms.answering(parts_of("/ann/feed")) == ("/{who}", ["home"])
    assert rooms.answering(parts_of("/")) == ("/", ["home"])


def test_rooms_that_say_the_same_path_both_answer() -> None:
    rooms = Rooms({"reads": ["/stories/{id}"], "writes": ["/stories", "/stories/{id}"]})
    assert rooms.answering(parts_of("/stories/1")) == ("/stories/{id}", ["reads", "writes"])
    assert rooms.answering(parts_of("/stories")) == ("/stories", ["writes"])
    assert rooms.answering(parts_of("/people")) == ("", ())


def test_every_route_is_in_a_room_that_says_its_path() -> None:
    assert _printed(ASTRAY) == ""


def test_a_cold_start_imports_no_feature() -> None:
    assert _printed(starting.OURS + FEATURES_LOADED) == ""


def test_a_cold_start_loads_little_more_than_its_client() -> None:
    assert int(_printed(starting.OURS + "; import sys; print(len(sys.modules))")) <= MODULES_MAX


def _printed(program: str) -> str:
    """What a program prints in a process of its own, which has imported nothing yet."""
    environment = (
        os.environ | cloud.credentials() | cloud.settings("http://localhost:8000", "http://localhost:8001")
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()
