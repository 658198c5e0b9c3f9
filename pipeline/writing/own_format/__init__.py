"""Transcripts of other programs in their own format again, with new times and otherwise as they were."""
