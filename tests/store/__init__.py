"""The store, on every database it runs on."""
