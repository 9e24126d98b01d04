"""Tests of debtplan.core."""
