"""Lending: who may be lent money, on what terms, and what becomes of it."""
