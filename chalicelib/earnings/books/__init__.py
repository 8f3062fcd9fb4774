"""The ledger, what came back of transfers, its seals, its look-through, and its comparison with Stripe."""
