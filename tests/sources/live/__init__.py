"""Live trackers against stand-ins on loopback."""
