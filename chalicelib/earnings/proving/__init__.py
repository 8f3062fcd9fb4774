"""Proving the books: every balance, batch, link and closed month computed anew, and what disagrees named."""

from chalicelib.earnings.proving.faults import Fault
from chalicelib.earnings.proving.proof import Proof, prove
from chalicelib.earnings.proving.strays import strays

__all__ = ["Fault", "Proof", "prove", "strays"]
