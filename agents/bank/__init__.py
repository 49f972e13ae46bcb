"""A sandbox bank: customers, accounts and a double-entry ledger behind HTTP, and the client that agents use."""
