"""The made-up customers of the sandbox bank."""

from agents.bank.seed import made_up_accounts
from agents.identity import is_valid_iban
from agents.names import SANCTIONS, SanctionsList


def test_they_are_the_same_for_everybody_and_nobody_that_exists() -> None:
    """Valid account numbers, each once; no name is on the sanctions list; fewer are the first of more."""
    some, more = list(made_up_accounts(100)), list(made_up_accounts(1000))
    sanctions = SanctionsList.load(SANCTIONS)

    assert (some, len(more)) == (more[:100], 1000)
    assert [row.iban for row in more if not is_valid_iban(row.iban)] == []
    assert [row.name for row in more if sanctions.find(row.name) is not None] == []
    assert {len({getattr(row, name) for row in more}) for name in ("customer_id", "name", "account", "iban")} == {1000}
