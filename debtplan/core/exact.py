"""Exact numbers: a float stands for the decimal it prints as."""

from fractions import Fraction


def exact(number: float) -> Fraction:
    """Return the decimal that the float prints as: 0.1 is one tenth, not 0.1000000000000000055."""
    return Fraction(repr(float(number)))
