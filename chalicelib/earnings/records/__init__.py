"""What earnings keeps, and where.

| item | pk | sk |
|---|---|---|
| entry of the ledger | `entry#{id}` | `entry` |
| its place in the journal, by the month of posting | `journal#{month}#{bucket}` | `{id}` |
| balance of an account, or its part in a bucket | `balances#{bucket}` | `{account}` |
| a month and how far it has come | `months` | `{month}` |
| what a member carries, by the month it is from | `carried#{bucket}` | `{member}` |
| what is held of a month from a member for a partner | `held#{bucket}` | `{member}#{month}#{partner}` |
| partner | `partner#{person}` | `partner` |
| whose a Stripe account is | `account#{account}` | `partner` |
| statement or estimate: head, further stories | `partner#{person}` | `statement#{month}#{page}` |
| payout | `partner#{person}` | `payout#{month}` |
| what of the balance is on its way | `partner#{person}` | `reserve` |
| a month's payouts | `payouts#{month}` | `{person}` |
"""
