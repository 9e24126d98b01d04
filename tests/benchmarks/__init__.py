"""Tests of the benchmarks' readers: what they hand to the engine is what the file says."""
