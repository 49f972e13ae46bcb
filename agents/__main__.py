"""`python -m agents identity risk execution`: runs any of the reference agents against any board.

The board is BLACKBOARD_URL and the key BLACKBOARD_KEY, or those of a board that `blackboard up` started from this folder; the
bank is BANK_URL and BANK_KEY.
"""

import argparse
import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from agents.bank.client import Bank
from blackboard import collector, logs
from blackboard.agent import Agent, Handler
from blackboard.client import BoardClient
from blackboard.config import ClientSettings

SANCTIONS = Path(__file__).parent / "lists" / "sanctions.yaml"


def _identity(bank: Bank, _: BoardClient) -> Handler:
    from agents.identity import Identity
    from agents.names import SanctionsList

    return Identity(bank, SanctionsList.load(SANCTIONS)).handle


def _risk(bank: Bank, board: BoardClient) -> Handler:
    from agents.risk import POLICY, Risk
    from blackboard.rulebook import Rulebook

    return Risk(bank, Rulebook(board, POLICY)).handle


def _execution(bank: Bank, _: BoardClient) -> Handler:
    from agents.execution import Execution

    return Execution(bank).handle


def _applicant(bank: Bank, _: BoardClient) -> Handler:
    from agents.applicant import Applicant
    from agents.names import SanctionsList

    return Applicant(bank, SanctionsList.load(SANCTIONS)).handle


def _affordability(_bank: Bank, _board: BoardClient) -> Handler:
    from agents.affordability import Affordability
    from agents.register import CreditRegister

    return Affordability(CreditRegister.load()).handle


def _credit(_bank: Bank, _board: BoardClient) -> Handler:
    from agents.credit import Credit
    from agents.register import CreditRegister

    return Credit(CreditRegister.load()).handle


def _thinking(_bank: Bank, _board: BoardClient) -> Handler:
    from agents.thinking import Thinker, ThinkingSettings

    return Thinker(ThinkingSettings()).handle


def _reconciliation(bank: Bank, _: BoardClient) -> Handler:
    from agents.bank.settings import BankClientSettings
    from agents.reconciliation import Reconciliation

    return Reconciliation(bank, BankClientSettings()).handle


# Each agent loads its own libraries and no other's: half of what starting three of them takes is importing.
ROSTER: dict[str, Callable[[Bank, BoardClient], Handler]] = {
    "identity": _identity,
    "risk": _risk,
    "execution": _execution,
    "reconciliation": _reconciliation,
    "applicant": _applicant,
    "affordability": _affordability,
    "credit": _credit,
    "thinking": _thinking,
}


# These ask the bank nothing, and run without its address.
BANKLESS = frozenset({"affordability", "credit", "thinking"})


async def run(names: list[str], concurrency: int, lease_s: int | None, *, stream: bool = False) -> None:
    """Run the named agents until SIGTERM or SIGINT; then finish what is in hand and leave."""
    settings = ClientSettings()
    async with AsyncExitStack() as stack:
        nowhere = BANKLESS.issuperset(names)
        bank = await stack.enter_async_context(Bank("http://bank.invalid", "") if nowhere else Bank.from_environment())
        agents = []
        for name in names:
            board = await stack.enter_async_context(BoardClient(settings.found_url(), settings.found_key(name)))
            agent = Agent(name, [name], ROSTER[name](bank, board), concurrency=concurrency, lease_s=lease_s, stream=stream)
            agents.append((agent, board))
        collector.let_rest()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, [agent for agent, _ in agents])
        await asyncio.gather(*(agent.run(board) for agent, board in agents))


def _stop(agents: list[Agent]) -> None:
    for agent in agents:
        agent.stop()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m agents", description="Run reference agents against a board.")
    parser.add_argument("names", nargs="+", choices=sorted(ROSTER), metavar="AGENT", help=", ".join(sorted(ROSTER)))
    parser.add_argument("--concurrency", type=int, default=4, help="tasks that each works on at a time (default 4)")
    parser.add_argument("--lease-s", type=int, help="length of a claim in seconds (default: as the workflow says)")
    parser.add_argument("--stream", action="store_true", help="take tasks over one connection instead of a request for each")
    chosen = parser.parse_args()
    logs.configure()
    asyncio.run(run(chosen.names, chosen.concurrency, chosen.lease_s, stream=chosen.stream))


if __name__ == "__main__":
    main()
