"""Which page is behind which address of Stripe's own site, and what its forms do."""

from infra.stripe_stand_in import checkout_pages, pages, portal_pages
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json


def shown(books: Books, kind: str, name: str) -> tuple[str, str]:
    """Where it leads, or the page."""
    if kind == "onboarding":
        return pages.onboarding_page(books, name)
    looks = {
        "checkout": checkout_pages.checkout_page,
        "portal": portal_pages.portal_page,
        "invoice": portal_pages.invoice_page,
    }
    return "", looks[kind](books, name) if kind in looks else pages.transfers_page(books)


def posted(books: Books, kind: str, name: str, form: Json) -> tuple[str, str]:
    """Where it leads, or the page again."""
    deeds = {
        "checkout": checkout_pages.pay,
        "portal": portal_pages.use_portal,
        "onboarding": pages.onboard,
    }
    if kind not in deeds:
        raise ApiError(404, "There is nothing to post to here.")
    return deeds[kind](books, name, form)
