"""`python -m agents.bank`: the sandbox bank as a process of its own. With --faults it may be told to misbehave."""

import argparse

import uvicorn

from agents.bank.app import create_app
from agents.bank.faults import BankProtocol
from agents.bank.settings import BankServerSettings
from blackboard import logs


def main() -> None:
    """Read the settings, serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m agents.bank", description="Run the sandbox bank. Settings: BANK_*.")
    parser.add_argument("--faults", action="store_true", help="accept Bank-Fault headers and PUT /faults")
    allowed = parser.parse_args().faults
    logs.configure()
    settings = BankServerSettings()
    uvicorn.run(
        create_app(settings.model_copy(update={"faults_allowed": allowed or settings.faults_allowed})),
        host=settings.host,
        port=settings.port,
        http=BankProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
