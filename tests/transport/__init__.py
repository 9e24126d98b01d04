"""Tests of `debtplan.transport`."""
