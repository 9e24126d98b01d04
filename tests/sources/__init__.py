"""Trackers and closed sprints, from files."""
