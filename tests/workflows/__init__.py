"""Tests of debtplan.workflows."""
