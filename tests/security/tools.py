"""What other people's tools say of the code and of what it is made of.

They live in an environment of their own (`.security`, from requirements-security.lock): their pins are not the board's. Each
check gives a row. A tool that finds nothing is asked again with a sample of what it must find; one without a source says so.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.security.table import Row

CHECKOUT = Path(__file__).parents[2]
TOOLS = CHECKOUT / ".security" / "bin"
CODE = ("blackboard", "api", "agents")
LOCK = CHECKOUT / "requirements.lock"
SBOM = CHECKOUT / "dist" / "sbom.cdx.json"
_KNOWN_SECRETS = Path(__file__).parent / "known_secrets.json"
_KEY = re.compile(rb"bb_[a-z0-9]{12}_[A-Za-z0-9-]{43}_[0-9a-f]{8}|-----BEGIN (?:EC |RSA )?PRIVATE KEY-----\nM")
_WEAK = "import subprocess\n\n\ndef run(said):\n    subprocess.call(said, shell=True)\n    eval(said)\n"
_SECRET = 'aws_key = "AKIA' + 'IOSFODNN7EXAMPLB"\n'
_WRONG_HASH = "iniconfig==2.3.0 --hash=sha256:" + "0" * 64 + "\n"


def ask_all() -> Iterator[Row]:
    """Each tool in turn."""
    checks: tuple[Callable[[], Row], ...] = (weak_code, weak_style, secrets_kept, hashes, bill_of_materials, advisories)
    for check in checks:
        yield check()


def weak_code() -> Row:
    """Bandit finds nothing above low in the code, and does find it in a sample."""
    found = _bandit(*CODE)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sample.py").write_text(_WEAK)
        blind = [] if _bandit(folder)["results"] else ["a weak sample was not found"]
    files = len(found["metrics"]) - 1
    return Row("S49", "bandit finds no weak code", files, blind + [_place(each) for each in found["results"]])


def weak_style() -> Row:
    """Nor do ruff's rules for security, but where a reason stands beside the exception."""
    told = _run("ruff", "check", "--output-format", "json", *CODE, folder=CHECKOUT / ".venv" / "bin")
    files = sum(1 for part in CODE for _ in (CHECKOUT / part).rglob("*.py"))
    found = [f"{each['filename']}: {each['code']}" for each in json.loads(told) if each["code"].startswith("S")]
    return Row("S49", "nor does ruff", files, found)


def secrets_kept() -> Row:
    """Nothing that looks like a secret in any file, but for test data that somebody looked at; no key in any commit."""
    files = [file for file in _run("git", "ls-files", folder=None).split() if not file.endswith(_KNOWN_SECRETS.name)]
    known = json.loads(_KNOWN_SECRETS.read_text())
    failures = [f"{file}: {secret}" for file, secret in _secrets(*files) if secret not in known]
    with tempfile.NamedTemporaryFile("w", suffix=".py", dir=CHECKOUT) as sample:
        sample.write(_SECRET)
        sample.flush()
        if not _secrets(sample.name):
            failures.append("a secret in a sample was not found")
    history = subprocess.run(["git", "log", "-p", "--all", "--no-color"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    failures += [f"in history: {match[:16].decode()}…" for match in _KEY.findall(history)]
    return Row("S50", "no secret in files or history", len(files), failures)


def hashes() -> Row:
    """Every package in every lock has its hashes, and one whose hash is another is not installed."""
    locks = sorted(CHECKOUT.glob("requirements*.lock"))
    packages = [package for lock in locks for package in re.split(r"\n(?=\S)", lock.read_text()) if "==" in package]
    failures = [package.split()[0] for package in packages if "--hash=sha256:" not in package]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wrong:
        wrong.write(_WRONG_HASH)
        wrong.flush()
        pip = [str(TOOLS / "python"), "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed"]
        told = subprocess.run([*pip, "--require-hashes", "-r", wrong.name], capture_output=True, text=True, check=False)
    if told.returncode == 0:
        failures.append("a package with another hash was taken")
    return Row("S48", "what is installed is what was locked", len(packages), failures)


def bill_of_materials() -> Row:
    """A list of all parts with their hashes, as CycloneDX, in dist/."""
    SBOM.parent.mkdir(exist_ok=True)
    _run("cyclonedx-py", "requirements", str(LOCK), "--of", "JSON", "-o", str(SBOM))
    listed = {part["name"]: part for part in json.loads(SBOM.read_text())["components"]}
    locked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", LOCK.read_text(), re.MULTILINE)
    missing = [name for name in locked if "hashes" not in json.dumps(listed.get(name, {}))]
    return Row("S48", f"what it consists of: {SBOM.relative_to(CHECKOUT)}", len(locked), missing)


def advisories() -> Row:
    """What is known against any part. A part that nobody could be asked about was not asked about: then nothing was run."""
    told = _run("pip-audit", "-r", str(LOCK), "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json")
    parts = json.loads(told)["dependencies"] if told.startswith("{") else []
    known = [f"{part['name']}: {each['id']}" for part in parts for each in part.get("vulns", [])]
    asked = 0 if any("skip_reason" in part for part in parts) else len(parts)
    return Row("S48", "nothing is known against it", asked, known)


def _bandit(*places: str) -> dict[str, list[dict[str, str]]]:
    # Text that becomes a statement is looked at by a test of its own, which knows what may stand in it.
    told = _run("bandit", "-q", "-r", *places, "--severity-level", "medium", "--skip", "B608", "-f", "json")
    return json.loads(told)  # type: ignore[no-any-return]  # bandit's own form


def _place(found: dict[str, str]) -> str:
    return f"{found['filename']}:{found['line_number']}: {found['test_id']}"


def _secrets(*files: str) -> list[tuple[str, str]]:
    told = json.loads(_run("detect-secrets", "scan", *files))["results"]
    return [(file, each["hashed_secret"]) for file, found in told.items() for each in found]


def _run(program: str, *options: str, folder: Path | None = TOOLS) -> str:
    """What it prints. That it found something is no mistake; that it is not there is."""
    command = str(folder / program) if folder else program
    return subprocess.run([command, *options], cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout
