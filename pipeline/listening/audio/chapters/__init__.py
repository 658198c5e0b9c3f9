"""Copies of a recording with chapters in them."""
