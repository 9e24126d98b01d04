"""The one way we read other people's files: delimited tables and saved JSON answers."""
