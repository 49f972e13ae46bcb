"""The house keeps its shape."""

import re
import subprocess
from pathlib import Path

import yaml

from blackboard import sql

CHECKOUT = Path(__file__).parents[2]
BUCKETS = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "misc", "data", "info"}


def tracked() -> list[Path]:
    """What is in version control."""
    done = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    names = done.stdout.splitlines() or [str(p.relative_to(CHECKOUT)) for p in CHECKOUT.rglob("*.py") if ".venv" not in p.parts]
    return [CHECKOUT / name for name in names if (CHECKOUT / name).exists()]


def test_no_module_is_a_bucket() -> None:
    """Name the thing."""
    assert [path for path in tracked() if path.stem in BUCKETS] == []


def test_the_schema_is_one_flat_folder_of_sql() -> None:
    """And the package has no copy of it, or the wrong one would win."""
    found = {path.suffix for path in (CHECKOUT / "schema").iterdir()}

    assert (found, (CHECKOUT / "blackboard" / "schema").exists()) == ({".sql", ".md"}, False)


def test_every_sql_file_opens_with_what_it_is_for() -> None:
    """A sentence before the first statement."""
    assert [name for name in sql.names() if not sql.read(name).startswith("-- ")] == []


def test_every_function_has_a_sentence_above_it() -> None:
    """What it promises, before how."""
    bare = [
        f"{name}: {match[1]}"
        for name in sql.names()
        for match in re.finditer(r"(?:^|\n)(?!--)[^\n]*\nCREATE OR REPLACE FUNCTION (board\.\w+)", sql.read(name))
        if not match[1].startswith("board.describe_")
    ]

    assert bare == []


def test_the_compose_file_fits_the_compose_specification() -> None:
    """No engine is needed to know that."""
    done = subprocess.run(
        [
            *(CHECKOUT / ".venv" / "bin" / "python", "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", CHECKOUT / "docker-compose.yml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_the_compose_file_runs_everything_and_hides_every_secret() -> None:
    """Database, set-up, bank, two APIs, agents; no secret has a default."""
    text = (CHECKOUT / "docker-compose.yml").read_text()
    services = yaml.safe_load(text)["services"]

    agents = {"identity", "risk", "execution", "reconciliation", "desks"}
    assert set(services) == {"postgres", "provision", "bank", "api-1", "api-2"} | agents
    assert re.findall(r"\$\{(\w+)(?!:\?)[}:]", text.replace(":?}", ":?")) == []


def test_the_image_copies_what_exists_and_does_not_run_as_root() -> None:
    """Structure is all that can be checked without an engine."""
    lines = (CHECKOUT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]

    assert [name for name in copied if not (CHECKOUT / name).exists()] == []
    assert [line for line in lines if line.startswith("USER ")] == ["USER board"]
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the machine's business."""
    registries = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|--index-url|--extra-index-url")
    texts = ((path, path.read_text(errors="replace")) for path in tracked() if path != Path(__file__))

    assert [path for path, text in texts if registries.search(text)] == []
