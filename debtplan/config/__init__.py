"""Settings: debtplan.toml and the environment, read and checked."""
