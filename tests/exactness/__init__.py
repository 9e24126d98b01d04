"""The engine against a solver that shares none of its code."""
