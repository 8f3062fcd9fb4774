"""What people's accounts obey, computed from values alone."""

from chalicelib.people.rules.person import Card, Person, Profile

__all__ = ["Card", "Person", "Profile"]
