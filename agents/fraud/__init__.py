"""Fraud: what an account did lately, who finds that strange and why, and what is done about it."""
