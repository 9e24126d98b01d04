"""The documents hold: their commands run, their numbers come out, their links lead somewhere."""
