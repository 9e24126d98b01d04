"""Tests of debtplan.stats."""
