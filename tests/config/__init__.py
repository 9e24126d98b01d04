"""Tests of debtplan.config."""
