"""The pages that a person clicks through in place of Stripe's: plain, and the same without a mouse."""

from html import escape

from infra.stripe_stand_in import connect
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.catalogue import CARDS
from infra.stripe_stand_in.clock import rfc3339
from infra.stripe_stand_in.shapes import Json

STYLE = """
:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}
fieldset{margin:1rem 0;padding:.5rem 1rem}label{display:block;padding:.5rem 0}
button{font:inherit;padding:.6rem 1.2rem;margin:.25rem .5rem .25rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;overflow-wrap:anywhere}
th,td:nth-child(2){overflow-wrap:normal;white-space:nowrap}
a{color:inherit}
.note{border-left:.3rem solid;padding-left:.8rem}
"""


def page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        '<p class="note">This is a stand-in for Stripe on your own machine. No money moves.</p>'
        f"{body}</main></body></html>"
    )


def money(cents: int, currency: str) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02} {currency.upper()}"


def link(to: str | None, words: str) -> str:
    return f'<p><a href="{escape(to)}">{words}</a></p>' if to else ""


def alert(trouble: str) -> str:
    return f'<p role="alert"><strong>{escape(trouble)}</strong></p>' if trouble else ""


def day(epoch_s: int) -> str:
    return rfc3339(epoch_s)[:10]


def cards() -> str:
    """Which card a person takes; the first is chosen already."""
    rows = "".join(
        f'<label><input type="radio" name="card" value="{choice}"{" checked" if choice == "own" else ""}> '
        f"{escape(text)} (ends in {digits})</label>"
        for choice, (text, digits, _) in CARDS.items()
    )
    return f"<fieldset><legend>Which card?</legend>{rows}</fieldset>"


def table(head: tuple[str, ...], rows: str) -> str:
    cells = "".join(f'<th scope="col">{each}</th>' for each in head)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"


def onboarding_page(books: Books, name: str) -> tuple[str, str]:
    """The page, or the address to which an old link leads."""
    link = connect.present_link(books, name)
    if link is None:
        return connect.link_case(books.get("link", name))["refresh_url"], ""
    account = books.get("account", link["account"])
    country = escape(str(account["identity"]["country"]).upper())
    return "", page(
        "Receive payments",
        f"<p>Stripe would now ask who you are and where your bank is ({country}).</p>"
        '<form method="post"><fieldset><legend>What do you tell Stripe?</legend>'
        '<label><input type="radio" name="told" value="all" checked> Everything that it asks</label>'
        '<label><input type="radio" name="told" value="part"> Not everything yet</label></fieldset>'
        "<button>Continue</button></form>",
    )


def onboard(books: Books, name: str, form: Json) -> tuple[str, str]:
    link = connect.present_link(books, name)
    case = connect.link_case(books.get("link", name))
    if link is None:
        return case["refresh_url"], ""
    link["used"] = True
    connect.onboard(books, books.get("account", link["account"]), complete=form.get("told") == "all")
    return case.get("return_url") or case["refresh_url"], ""


def transfers_page(books: Books) -> str:
    """Every transfer, for people to look at."""
    rows = "".join(
        f"<tr><td>{each['id']}</td><td>{money(each['amount'], each['currency'])}</td>"
        f"<td>{escape(each['destination'])}</td><td>{escape(each['transfer_group'] or '')}</td></tr>"
        for each in reversed(books.all("transfer"))
    )
    head = ("Transfer", "Amount", "To", "Group")
    return page("Transfers", table(head, rows) if rows else "<p>Nothing has been transferred yet.</p>")
