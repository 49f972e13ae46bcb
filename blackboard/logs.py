"""Log lines that a person can read on a terminal and a machine everywhere else."""

import logging
import re
import sys
import traceback
import unicodedata
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

# What a terminal obeys or a reader does not see: control, format (bidirectional marks, zero widths), surrogates, line ends.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# What a log says in place of a value.
MASK = "…"
# Members that tell of a person or open something, wherever they stand.
PERSONAL = frozenset(
    re.findall(
        r"\w+",
        "payload facts fact value body receipt evidence result basis dissent offered subject business_key question"
        " said account accounts from_account to_account source_account destination_account iban card customer"
        " customer_id client client_id name names applicant_name beneficiary_name holder_name memo purpose"
        " rationale birth_date address email phone authorization cookie token secret password key_pepper",
    )
)
# An IBAN, in groups or not; and digits in such number as cards and accounts have.
_NUMBER = re.compile(r"(?<![\w-])(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}|\d(?:[ -]?\d){12,18})(?![\w-])")
# PostgreSQL quotes the row that broke a rule.
_QUOTED = re.compile(r"(DETAIL:|CONTEXT:).*")


def one_line(_logger: Any, _method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: whatever text is logged stays in its line, and its characters are seen."""
    for name, value in told.items():
        if isinstance(value, str):
            told[name] = seen(value)
    return told


def seen(text: str) -> str:
    """The text with an escape in place of each character that does something other than show."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in _UNSEEN else c for c in text)


def masked(_logger: Any, _method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: what is personal or secret by its name is not logged, of what looks like an account the last four are."""
    for name, value in told.items():
        told[name] = _bare(name, value)
    return told


def _bare(name: str, value: Any) -> Any:
    if name.lower() in PERSONAL and value is not None:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _bare(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_bare("", each) for each in value]
    return without_numbers(value) if isinstance(value, str) else value


def without_numbers(text: str) -> str:
    """The text with no more than four characters of each IBAN and each long number, and no row that a database quotes."""
    return _QUOTED.sub(r"\1 …", _NUMBER.sub(lambda found: f"{MASK}{found[0][-4:]}", text))


def _traceback(out: TextIO, told: Any) -> None:
    """Plain, and every line of it begins so that none passes for a line of the log."""
    lines = without_numbers("".join(traceback.format_exception(*told))).splitlines()
    out.write("".join(f"\n  | {seen(line)}" for line in lines))


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logging to standard error, one line each.

    Tracebacks are plain: the pretty ones print local variables, and with them keys and customers.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        masked,
        one_line,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    plain = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback, pad_event_to=0)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, plain],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.error", "uvicorn.access", "sse_starlette"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
