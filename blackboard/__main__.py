"""The `blackboard` command."""

from blackboard.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="blackboard")


if __name__ == "__main__":
    main()
