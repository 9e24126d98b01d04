"""Stand-ins for the services debtplan asks: real servers on loopback, with a store behind them."""
