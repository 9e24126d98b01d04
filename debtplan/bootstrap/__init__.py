"""The one place that knows every adapter: settings in, ports and answers out."""
