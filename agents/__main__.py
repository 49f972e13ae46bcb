"""`python -m agents identity risk execution`: runs any of the reference agents against any board.

The board is BLACKBOARD_URL and the key BLACKBOARD_KEY, or those of a board that `blackboard up` started from this folder; the
bank is BANK_URL and BANK_KEY.
"""

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack

import uvloop
from stamina.instrumentation import set_on_retry_hooks

from agents.bank.client import Bank
from agents.roster import BANKLESS, ROSTER, make
from blackboard import collector, logs
from blackboard.agent import Agent
from blackboard.client import BoardClient
from blackboard.retries import Retries
from blackboard.whereabouts import Whereabouts


async def run(names: list[str], concurrency: int, lease_s: int | None, *, stream: bool = False) -> None:
    """Run the named agents until SIGTERM or SIGINT; then finish what is in hand and leave."""
    whereabouts = Whereabouts.read()
    async with AsyncExitStack() as stack:
        nowhere = BANKLESS.issuperset(names)
        bank = await stack.enter_async_context(Bank("http://bank.invalid", "") if nowhere else Bank.from_environment())
        agents = []
        for name in names:
            board = await stack.enter_async_context(BoardClient(whereabouts.found_url(), whereabouts.found_key(name)))
            agent = Agent(name, [name], make(name, bank, board), concurrency=concurrency, lease_s=lease_s, stream=stream)
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
    set_on_retry_hooks([Retries()])
    # A request to the board or the bank costs a fifth less of the processor on this loop: 2.5 ms for 3.2.
    uvloop.run(run(chosen.names, chosen.concurrency, chosen.lease_s, stream=chosen.stream))


if __name__ == "__main__":
    main()
