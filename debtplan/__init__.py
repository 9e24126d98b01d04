"""Which debt work relieves users most, fitted into the capacity a team reserves for it."""

__version__ = "0.1.0"
