"""Tests of debtplan.bootstrap."""
