"""Everything that is asked of the board's defences, and one table of the answers.

    make security
    make security ARGS="-k tenant"          only tests whose names say so

Exit code 0 when nothing failed and every item was tried.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.security.table import Row, show
from tests.security.tools import ask_all
from tests.security.weaknesses import plant_all

CHECKOUT = Path(__file__).parents[2]


def main() -> int:
    """Run the tests of all items, then show what came of it."""
    proved, told = _tests(sys.argv[1:]), [*ask_all(), *plant_all()]
    # What a tool says is not missed among the tests.
    by_tools = {row.item for row in told}
    rows = [row for row in proved if row.tried or row.failures or row.item not in by_tools] + told
    show(rows, Console())
    failed = [row.item for row in rows if row.failures]
    untried = [row.item for row in rows if not row.tried]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    if untried:
        print(f"not run: {', '.join(untried)}", file=sys.stderr)
    return 1 if failed or untried else 0


def _tests(chosen: list[str]) -> list[Row]:
    """Every test that has the mark, with all the cases there are."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "items.json"
        options = ["-q", "-m", "item", "--thorough", "--items", str(file), "-n", "2", "--dist", "worksteal", "--timeout", "900"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *chosen], cwd=CHECKOUT, check=False)
        return [Row(**row) for row in json.loads(file.read_text())]


if __name__ == "__main__":
    sys.exit(main())
