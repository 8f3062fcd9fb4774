"""`/_local`, on a developer's own machine alone: mail to read, a clock to move, schedules to run."""

import html
import json
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from infra import guard, schedules
from infra.adapter import Context, Environ, Reply, StartResponse, Wsgi, raw_target, send

ADVANCING_S = 120
STYLE = (
    ":root{color-scheme:light dark;font:1rem/1.5 Georgia,serif}"
    "body{max-width:42rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid;padding:.5rem 0}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}"
    "input,button{font:inherit;padding:.4rem .6rem}label{display:block;margin:.5rem 0}"
)


class LocalPages:
    """One page for each thing that one can look at or do."""

    def __init__(self, *, module: Any, endpoint: str, clock_file: Path, stripe_url: str) -> None:
        self.module, self.endpoint = module, endpoint
        self.clock_file, self.stripe_url = clock_file, stripe_url

    def wsgi(self) -> Wsgi:
        def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            path = raw_target(environ).partition("?")[0].rstrip("/")
            return send(self.answer(environ["REQUEST_METHOD"], path, environ), environ, start_response)

        return answer

    def answer(self, verb: str, path: str, environ: Environ) -> Reply:
        if (
            environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none")
            and verb == "POST"
        ):
            return _page("Not from here", "<p>Only these pages themselves may do that.</p>", 403)
        pages: dict[tuple[str, str], Callable[[], Reply]] = {
            ("GET", "/_local"): self.index,
            ("GET", "/_local/mail"): self.mail,
            ("GET", "/_local/mail.json"): self.mail_json,
            ("GET", "/_local/clock"): self.clock,
            ("GET", "/_local/style.css"): lambda: Reply(200, [("Content-Type", "text/css")], STYLE.encode()),
            ("POST", "/_local/clock"): lambda: self.move_clock(_form(environ)),
        }
        name = path.removeprefix("/_local/run/")
        if verb == "POST" and name in self.schedules():
            return self.run(name)
        if page := pages.get((verb, path)):
            return page()
        return _page("Nothing here", '<p>Go back to <a href="/_local">the local cloud</a>.</p>', 404)

    def index(self) -> Reply:
        runs = "".join(
            f'<form method="post" action="/_local/run/{name}"><button>Run {name}</button></form>'
            for name in self.schedules()
        )
        links = '<p><a href="/_local/mail">Mail</a></p><p><a href="/_local/clock">Clock</a></p>'
        return _page("The local cloud", f"{links}<h2>Schedules</h2>{runs}")

    def mail(self) -> Reply:
        return _page(
            "Mail that would have been sent", "".join(map(_letter, self.mails())) or "<p>None yet.</p>"
        )

    def mail_json(self) -> Reply:
        return _json({"mails": self.mails()})

    def mails(self) -> list[dict[str, Any]]:
        """What SES took, newest first."""
        with urllib.request.urlopen(f"{self.endpoint}/_ministack/ses/messages", timeout=10) as answer:  # noqa: S310
            kept = json.load(answer)["messages"]
        mails = [mail_of(each) for sent in kept.values() for each in sent]
        return sorted(mails, key=lambda each: str(each["sent"]), reverse=True)

    def clock(self) -> Reply:
        from chalicelib.kit import clock

        now = clock.rfc3339(clock.now())
        said = f"<p>Here it is <strong>{now}</strong>, {self._offset():,} s from your own.</p>"
        form = (
            '<form method="post"><label>Move it by how many days? '
            '<input name="days" type="number" value="1"></label>'
            '<button>Move the clock</button> <button name="back" value="1">Back to now</button></form>'
        )
        return _page("Clock", said + form)

    def move_clock(self, form: dict[str, str]) -> Reply:
        """By `days`, by `seconds`, to a moment (`to`), or `back`."""
        try:
            offset = self._moved(form)
        except ValueError as error:
            return _page("Not moved", f"<p>{html.escape(str(error))}</p>", 422)
        waiting = self.clock_file.with_suffix(".new")
        waiting.write_text(str(offset))
        waiting.replace(self.clock_file)
        self._advance_stripe()
        return Reply(303, [("Location", "/_local/clock")])

    def _advance_stripe(self) -> None:
        """Let the stand-in do what fell due meanwhile: renew subscriptions, and tell us by its webhooks."""
        asked = urllib.request.Request(f"{self.stripe_url}/_stand_in/advance", data=b"{}", method="POST")  # noqa: S310
        asked.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(asked, timeout=ADVANCING_S):  # noqa: S310 - the stand-in on loopback
            return

    def schedules(self) -> list[str]:
        sources = getattr(getattr(self.module, "app", None), "event_sources", [])
        return [
            each.handler_string.partition(".")[2] for each in sources if hasattr(each, "schedule_expression")
        ]

    def run(self, name: str) -> Reply:
        with guard.acting_as(name):
            getattr(self.module, name)(schedules.event(), Context(name, timeout_s=900))
        return _page("Done", f'<p>{name} has run. Back to <a href="/_local">the local cloud</a>.</p>')

    def _moved(self, form: dict[str, str]) -> int:
        if form.get("back"):
            return 0
        if form.get("to"):
            to = datetime.fromisoformat(form["to"])
            return int((to - datetime.now(UTC)).total_seconds())
        return self._offset() + int(form.get("days") or 0) * 86_400 + int(form.get("seconds") or 0)

    def _offset(self) -> int:
        return int(self.clock_file.read_text() or 0) if self.clock_file.exists() else 0


def mail_of(sent: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(sent["Timestamp"], UTC).isoformat(timespec="milliseconds")
    return {
        "id": sent["MessageId"],
        "to": sent["To"],
        "from": sent["Source"],
        "subject": sent["Subject"],
        "text": sent["BodyText"],
        "sent": at,
    }


def _letter(mail: dict[str, Any]) -> str:
    to, subject, text = (html.escape(each) for each in (", ".join(mail["to"]), mail["subject"], mail["text"]))
    return f"<article><h2>{subject}</h2><p>To {to}, {mail['sent']}</p><pre>{text}</pre></article>"


def _form(environ: Environ) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(environ["wsgi.input"].read().decode()).items()}


def _page(title: str, body: str, status: int = 200) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/_local/style.css">'
        f'</head><body><nav><a href="/_local">The local cloud</a> <a href="/">Longhand</a></nav>'
        f"<main><h1>{title}</h1>{body}</main></body></html>"
    )
    policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)]
    return Reply(status, [*headers, ("Cache-Control", "no-store")], text.encode())


def _json(value: object) -> Reply:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Reply(200, headers, json.dumps(value).encode())
