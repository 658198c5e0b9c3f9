"""Transcripts in formats of other programs, read as pieces of text with their speakers and times."""
