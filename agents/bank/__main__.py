"""`python -m agents.bank`: the sandbox bank as a process of its own."""

import uvicorn

from agents.bank.app import create_app
from agents.bank.settings import BankServerSettings
from blackboard import logs


def main() -> None:
    """Read the settings, serve until told to stop."""
    logs.configure()
    settings = BankServerSettings()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
