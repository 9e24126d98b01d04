"""What debtplan does, step by step. A workflow takes ports, returns a value, prints nothing."""
