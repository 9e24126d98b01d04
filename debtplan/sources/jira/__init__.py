"""Jira, Cloud and Data Center: saved answers, and a live site."""
