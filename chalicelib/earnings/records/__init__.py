"""What earnings keeps, and where.

| item | pk | sk |
|---|---|---|
| entry of the ledger | `entry#{id}` | `entry` |
| the same in the journal, by the month of posting | `journal#{month}#{bucket}` | `{id}` |
| a batch of a journal that was sealed: ids and leaves | `batch#{month}#{bucket}` | `{number}` |
| a link of the chain, by the month of sealing | `chain#{month}` | `{number}` |
| the chain's head, and the last proof | `chain` | `head`, `proof` |
| up to which month a bucket is sealed for good | `chain` | `bucket#{bucket}` |
| balance of an account, or its part in a bucket | `balances#{bucket}` | `{account}` |
| a month and how far it, and its close, has come | `months` | `{month}` |
| an open month's estimate, and how far that has come | `pencils` | `{month}` |
| what one part of a step of a close found | `part#{month}#{step}` | `{part}` |
| the same of an estimate | `part#{month}~{begun}#{step}` | `{part}` |
| what a member carries, by the month it is from | `carried#{bucket}` | `{member}` |
| what is held of a month from a member for a partner | `held#{bucket}` | `{member}#{month}#{partner}` |
| what came back of an invoice's money, and what that took | `taken#{invoice}` | `taken` |
| what was taken or given back in an open month | `taken-in#{month}#{bucket}` | `{entry}` |
| a grant from the commons, proposed or decided | `grants` | `{id}` |
| the same in public, once it is approved | `granted` | `{approved}#{id}` |
| the same by the month of its statement | `granted-in#{month}` | `{id}` |
| how many were approved | `granted-count` | `granted-count` |
| partner | `partner#{person}` | `partner` |
| whose a Stripe account is | `account#{account}` | `partner` |
| statement or estimate: head, further stories | `partner#{person}` | `statement#{month}#{page}` |
| payout, of one who left | `partner#{person}` | `payout#{month}`, `payout#{month}#leave` |
| what of the balance is on its way | `partner#{person}` | `reserve` |
| a month's payouts, of those who left | `payouts#{month}` | `{person}`, `leave:{person}` |
| payouts that are not known to be sent | `payouts-pending` | `{month}#{person}`, `{month}#leave:{person}` |
| what is withheld of pay, and was | `partner#{person}` | `withholding`, `withheld-from#{version}` |
| taxes that were handed on | `remittances` | `{id}` |
| since when a partner is in debt | `debts` | `{person}` |
| what a partner's bank sent back | `bank-troubles` | `{person}` |
| what one proposes to pay and another approves | `pay-proposals` | `{month}` |
| each state of it | `proposed#{month}` | `{version}` |
| up to when Stripe was looked through | `sweeps` | `{for what}` |
| up to which of Stripe's movements all was compared | `reconciling` | `place` |
| a movement that had not the entries it must have | `reconciling` | `open#{balance transaction}` |
| a day's comparison with Stripe | `reconciled` | `{day}` |
| the entry of the payment that a movement is | `movement#{balance transaction}` | `entry` |
"""
