"""What is shipped: the library and its SQL, and nothing that belongs to the checkout."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from blackboard import sql

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of, without a network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "blackboard", "schema"):
        subprocess.run(["cp", "-r", CHECKOUT / name, source], check=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_blackboard_and_nothing_else(wheel: Path) -> None:
    """`api`, `agents`, `schema` and `tests` are names that others use too."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}

    assert tops == {"blackboard"}
    assert {f"blackboard/schema/{name}" for name in sql.names()} <= set(names)
    assert "blackboard/py.typed" in names


def test_an_installed_wheel_reads_its_own_sql(wheel: Path, tmp_path: Path) -> None:
    """In a clean environment, far from the checkout, with nothing else installed."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], capture_output=True, text=True, check=True
    ).stdout.strip()
    zipfile.ZipFile(wheel).extractall(purelib)
    code = "import blackboard.sql as s; print(len(s.read('functions_claim.sql')), len(s.names()))"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()

    assert told == [str(len(sql.read("functions_claim.sql"))), str(len(sql.names()))]


def test_the_front_door_is_sorted_and_true() -> None:
    """Every name in `__all__` can be had, and importing the package loads none of them."""
    code = (
        "import sys, blackboard as b; loaded = 'pydantic' in sys.modules;"
        "print(loaded, b.__all__ == sorted(b.__all__), all(getattr(b, n) for n in b.__all__))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout

    assert told.split() == ["False", "True", "True"]
