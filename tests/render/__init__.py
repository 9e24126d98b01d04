"""The forms of the report."""
