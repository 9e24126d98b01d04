"""The program as a whole, against stand-ins of the services it reads."""
