"""People in DynamoDB: one table, by person, by address, and by handle.

| item | pk | sk | attributes |
|---|---|---|---|
| person | `person#{id}` | `person` | `handle`, `name`, `bio`, `picture`, `links`, `created`, `version`, |
| | | | `account`, `era`: how often they signed out everywhere |
| session | `person#{id}` | `session#{id}` | `digest` of the token, `device`, `era`, `created`, `used`, |
| | | | `expires` |
| account | `address#{account}` | `account` | `person_id`, `address` |
| code | `address#{account}` | `code` | `salt`, `proof`, `tries`, `sent`, `expires` |
| handle | `handle#{handle}` | `handle` | `person_id`, `created` |

`account` is a digest of the mail address, which itself stands in one item alone. A session lies with its
person, whose id its token begins with: one BatchGetItem finds both, so nothing about the person is copied
into sessions, and a sign-out everywhere is one write.
"""
