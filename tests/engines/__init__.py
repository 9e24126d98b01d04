"""Engines against brute force."""
