"""The one way we talk HTTP: one client with its budgets, retries, paging and redaction."""
