"""The command line: the one room that talks to a person at a terminal."""
