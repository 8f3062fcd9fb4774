"""A Stripe of our own for one machine: the real `stripe` library talks to it."""
