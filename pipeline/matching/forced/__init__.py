"""Forced alignment, the pure part: which words are forced onto which stretch, and which results are accepted."""
