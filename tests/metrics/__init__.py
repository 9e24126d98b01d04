"""Tests of debtplan.metrics."""
