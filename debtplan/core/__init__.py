"""What debtplan knows: words, arithmetic, the program and its proof. Pure: no I/O, clock or chance.

Read in this order: `item`, `flow`, `reading`, `harm`, `ledger`, `link`, `value`, `capacity`,
`problem`, `proof`, `plan`.
"""
