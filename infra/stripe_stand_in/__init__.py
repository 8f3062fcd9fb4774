"""A Stripe of our own for one machine: the real `stripe` library talks to it."""

# What everybody may know: these open nothing but this stand-in.
KEY = "sk_test_local"
SECRET = "whsec_local"
SECRET_ACCOUNTS = "whsec_local_accounts"

# Its catalogue's prices, as the setting STRIPE_PRICES names ours.
PRICES = {
    "member_month": "price_member_month",
    "member_year": "price_member_year",
    "friend_month": "price_friend_month",
    "friend_year": "price_friend_year",
}
