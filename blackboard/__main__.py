"""The `blackboard` command."""

import sys

# httpx brings a command line of its own along, which takes longer to load than all of ours; without it, httpx does without.
sys.modules["httpx._main"] = None  # type: ignore[assignment]  # what import takes for absent

from blackboard.cli import app, console  # noqa: E402  # only now


def main() -> None:
    """Run the command line. A terminal that cannot show a letter is shown its number."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text file, as Python opens it
    console.Choice.is_brief = True
    app(prog_name="blackboard")


if __name__ == "__main__":
    main()
