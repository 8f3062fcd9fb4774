"""Membership: who pays, until when, and what each payment brings in. Stripe knows; its webhooks tell us."""
