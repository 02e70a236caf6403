"""Noise as cameras, lines and counters make it, drawn from a generator that the caller brings."""
