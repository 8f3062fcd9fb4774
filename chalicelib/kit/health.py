"""Whether this deployment answers at all, and which one it is."""

import msgspec

from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.settings import settings

routes = Routes(__name__)


class Health(msgspec.Struct, frozen=True):
    """What a watcher and a deployment ask for."""

    status: str
    commit: str


@routes.get("/healthz", who=Who.ANYONE, answer=Health)
def health(ask: Ask[Nothing]) -> Answer[Health]:
    """Say that the site is up, and from which commit it was built"""
    return Answer(Health("ok", settings().commit))
