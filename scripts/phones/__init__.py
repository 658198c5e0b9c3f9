"""Training of the phone classifier of forced alignment."""
