"""Services that are asked for readings: scripted ones, and real ones of this machine."""
