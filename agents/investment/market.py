"""The market as the desk sees it: which instruments there are, what they cost, who holds how much of them."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field

from blackboard.values import Frozen

MARKET = Path(__file__).parent / "market.yaml"


def folded(symbol: str) -> str:
    """A symbol as it is compared: "acme/n" and "ACME.N" are one."""
    return "".join("." if c in "-/." else c for c in symbol.upper())


class Instrument(Frozen):
    """Something that is traded. A `restricted` one the house may not trade."""

    symbol: str
    name: str
    asset_class: Literal["equity", "fund", "bond", "commodity"]
    currency: str
    price: Annotated[Decimal, Field(gt=0)]
    restricted: bool = False
    aliases: tuple[str, ...] = ()


class Market(Frozen):
    """Everything that is traded, and the clients' portfolios."""

    instruments: tuple[Instrument, ...]
    portfolios: dict[str, dict[str, Decimal]]

    @classmethod
    def load(cls, path: Path = MARKET) -> Self:
        """Read the market that ships, or another in its form."""
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def find(self, symbol: str) -> Instrument | None:
        """The instrument of exactly this symbol."""
        return next((one for one in self.instruments if one.symbol == symbol), None)

    def resolve(self, symbol: str) -> Instrument | None:
        """The only instrument that can be meant by a symbol: its own in another spelling, or another name for it."""
        meant = {
            one.symbol: one for one in self.instruments if folded(symbol) in {folded(each) for each in (one.symbol, *one.aliases)}
        }
        return next(iter(meant.values())) if len(meant) == 1 else None

    def portfolio(self, client_id: str) -> dict[str, Decimal]:
        """How much a client holds of each symbol."""
        return self.portfolios.get(client_id, {})

    def worth(self, portfolio: dict[str, Decimal]) -> Decimal:
        """What a portfolio would bring at these prices."""
        return sum((held * one.price for one in self.instruments if (held := portfolio.get(one.symbol))), Decimal(0))
