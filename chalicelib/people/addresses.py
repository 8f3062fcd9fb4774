"""Mail addresses: which are one, and how each is written in one way only."""

from chalicelib.kit import ids
from chalicelib.kit.refusals import Invalid
from chalicelib.people.rules.sessions import ADDRESS_MAX


def checked(text: str) -> str:
    """The address as it is kept and written to; raises Invalid, saying what is wrong with it.

    Nobody is asked whether it exists: the code that is mailed there will tell. In small letters, because
    every mail server in use takes them so, and `Ann@` and `ann@` must not be two people.
    """
    # Imported here: few requests check an address.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            text.strip()[: ADDRESS_MAX + 1], check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise Invalid(f"This is not a mail address. {error}", at="body.address", code=4237) from error
    return (found.ascii_email or found.normalized).lower()


def account_of(address: str) -> str:
    """The name under which a checked address is found, so that no key shows the address itself."""
    return ids.digest(f"address {address}")
