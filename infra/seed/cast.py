"""Who is in the magazine: all of them invented, and their biographies say so."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

DOMAIN = "longhand.example"
INVENTED = "Invented for this demonstration."

Since = Literal["", "founding", "last month", "this month"]


@dataclass(frozen=True)
class Someone:
    """A person of the magazine. `pays` is a price's name in STRIPE_PRICES, `since` when it began."""

    handle: str
    name: str
    bio: str = ""
    pays: str = ""
    since: Since = ""
    mailbox: str = ""

    @property
    def address(self) -> str:
        return self.mailbox or f"{self.handle}@{DOMAIN}"


def keeper(operators: Collection[str]) -> tuple[Someone, ...]:
    """The operator of this deployment, where there is one."""
    bio = "Looks after this demonstration."
    return tuple(Someone("keepers", "The keepers", bio, mailbox=each) for each in sorted(operators)[:1])


WRITERS = (
    Someone("maren", "Maren Lindqvist", "Harbours, instruments, and the people who read them."),
    Someone("tomas", "Tomas Abara", "Maps and trees, and what was left out of them."),
    Someone("ines", "Ines Okafor", "Collects rivers that are not there any more."),
    Someone("jon", "Jon Etxarri", "Languages, mostly overheard."),
    Someone("pia", "Pia Sørensen", "Writes at night about those who work then."),
    Someone("wen", "Wen Zhao", "Small machines, with the lid off."),
    Someone("odile", "Odile Brandt", "Bakes, and listens to it."),
    Someone("ravi", "Ravi Castellan", "A garden, and its opinions."),
    Someone("hanne", "Hanne Vogelsang", "Maße, Uhren, Treppenhäuser. Also in English."),
    Someone("yusra", "Yusra Halabi", "Letters on boats, walls and shops. بالعربية والإنجليزية."),
    Someone("bela", "Béla Quist", "Night trains and their timetables."),
    Someone("dara", "Dara Pell", "Weather, as seen from one hall."),
)

# Three earn and can be paid; one has accepted the terms and not yet told Stripe everything.
PARTNERS = {"maren": "ie", "pia": "dk", "wen": "ca"}
UNFINISHED_PARTNERS = {"tomas": "gb"}

READERS = (
    Someone("noor-adeline", "Noor Adeline", pays="member_month", since="founding"),
    Someone("caspian-holt", "Caspian Holt", pays="member_month", since="founding"),
    Someone("elif-brannock", "Elif Brannock", pays="friend_month", since="founding"),
    Someone("ansel-moreau", "Ansel Moreau", pays="member_month", since="founding"),
    Someone("greta-okoro", "Greta Okoro", pays="member_month", since="founding"),
    Someone("mateo-lindgren", "Mateo Lindgren", pays="member_month", since="founding"),
    Someone("suri-valdez", "Suri Valdez", pays="friend_month", since="founding"),
    Someone("tobias-achterberg", "Tobias Achterberg", pays="member_month", since="founding"),
    Someone("leila-fenwick", "Leila Fenwick", pays="member_month", since="founding"),
    Someone("oskar-mbeki", "Oskar Mbeki", pays="member_month", since="founding"),
    Someone("ayla-trevorrow", "Ayla Trevorrow", pays="friend_month", since="founding"),
    Someone("hugo-castellane", "Hugo Castellane", pays="member_month", since="founding"),
    Someone("priya-sandoval", "Priya Sandoval", pays="member_month", since="founding"),
    Someone("nils-amberg", "Nils Amberg", pays="member_year", since="founding"),
    Someone("zofia-lark", "Zofia Lark", pays="member_month", since="last month"),
    Someone("idris-halloran", "Idris Halloran", pays="member_month", since="this month"),
    Someone("marta-quill", "Marta Quill"),
    Someone("jun-abernathy", "Jun Abernathy"),
    Someone("esme-dufour", "Esme Dufour"),
    Someone("kofi-brandvold", "Kofi Brandvold"),
    Someone("runa-delacroix", "Runa Delacroix"),
    Someone("silas-okonjo", "Silas Okonjo"),
    Someone("mina-hartwell", "Mina Hartwell"),
    Someone("paulo-strand", "Paulo Strand"),
    Someone("thea-rosario", "Thea Rosario"),
    Someone("arlo-petrov", "Arlo Petrov"),
    Someone("sanna-whitlock", "Sanna Whitlock"),
    Someone("bruno-ikeda", "Bruno Ikeda"),
    Someone("freya-montague", "Freya Montague"),
    Someone("amos-velasco", "Amos Velasco"),
)

MEMBERS = tuple(each for each in READERS if each.pays)
EVERYBODY = (*WRITERS, *READERS)
