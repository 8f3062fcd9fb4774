"""What members paid, brought into the ledger, and what was taken back of it or given back."""
