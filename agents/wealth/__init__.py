"""Wealth: who a client is, what hangs on what, what may be suggested to them, and what was."""
