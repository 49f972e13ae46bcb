"""The credit register: what others know of a customer who asks for a loan."""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field

from agents.bank.models import Amount
from blackboard.values import Frozen

REGISTER = Path(__file__).parent / "credit_register.yaml"


class CreditRecord(Frozen):
    """One customer in the register."""

    income_monthly: Amount
    months_at_employer: Annotated[int, Field(ge=0)]
    delinquencies: Annotated[int, Field(ge=0)]


class CreditRegister(Frozen):
    """Everybody in it."""

    customers: dict[str, CreditRecord]

    @classmethod
    def load(cls, path: Path = REGISTER) -> Self:
        """Read the register that ships, or another in its form."""
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def find(self, customer_id: str) -> CreditRecord | None:
        """What it knows of a customer; None: nothing."""
        return self.customers.get(customer_id)
