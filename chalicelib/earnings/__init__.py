"""How members' dues become partners' pay: the rules, the ledger, the month's end."""
