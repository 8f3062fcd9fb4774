"""List prices in US dollars, us-east-1, on demand, without the free tier, and Stripe's; of November 2026.

Sources: the pricing pages of DynamoDB, Lambda (x86), API Gateway (REST), SQS, S3, CloudFront (United States),
SES and CloudWatch Logs; Stripe's pricing pages for cards and for Connect's Express accounts. Whoever deploys
elsewhere changes them here, and makes the paper anew.
"""

from fractions import Fraction

MILLION = 10**6


def _of(price: str, each: int = 1) -> Fraction:
    return Fraction(price) / each


READ_UNIT = _of("0.125", MILLION)
WRITE_UNIT = _of("0.625", MILLION)
STREAM_READ = _of("0.02", 100_000)
TABLE_GB_MONTH = _of("0.25")
BACKUP_GB_MONTH = _of("0.20")
LAMBDA_REQUEST = _of("0.20", MILLION)
LAMBDA_GB_S = _of("0.0000166667")
GATEWAY_REQUEST = _of("3.50", MILLION)
QUEUE_REQUEST = _of("0.40", MILLION)
OBJECT_WRITE = _of("0.005", 1_000)
OBJECT_READ = _of("0.0004", 1_000)
EDGE_REQUEST = _of("0.0100", 10_000)
EDGE_GB = _of("0.085")
MAIL = _of("0.10", 1_000)
LOG_GB = _of("0.50")

CARD_SHARE, CARD_EACH = _of("0.029"), _of("0.30")
ACCOUNT_MONTH, PAYOUT_SHARE, PAYOUT_EACH = _of("2"), _of("0.0025"), _of("0.25")
