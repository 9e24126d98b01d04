"""Chance: simulated worlds and what they say about a plan."""
