"""Retail: what a transfer may be, what the customer confirms, how payments are cleared, and what a copilot answers."""
