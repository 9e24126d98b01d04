"""GitHub and Enterprise Server: saved answers, and live repositories."""
