"""How Stripe says no: a status and an `error` object, by type and code."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer of 4xx or 5xx in Stripe's own form."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: Json = {"type": kind, "message": message}
        if code:
            self.error["code"] = code
        if param:
            self.error["param"] = param

    @property
    def body(self) -> Json:
        return {"error": self.error}


class Unstarted(ApiError):
    """Refused before the deed began (a wrong parameter): no idempotency key remembers it."""


def no_such(thing: str, name: str, *, param: str = "id") -> ApiError:
    return ApiError(404, f"No such {thing}: '{name}'", code="resource_missing", param=param)
