"""One event per line; secrets are redacted on the handler, where the records of every library pass."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

# Telegram and Discord tokens, webhook URLs, passwords in addresses, keys in queries.
_SECRETS = (
    (re.compile(r"\d{5,12}:[A-Za-z0-9_-]{30,}"), "***"),
    (re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"), "***"),
    (re.compile(r"(api/webhooks/\d+/)[\w-]+"), r"\1***"),
    (re.compile(r"(\w+://)[^@\s/]*@"), r"\1***@"),
    (re.compile(r"((?:api_?key|token|secret|password)=)[^&\s\"']+", re.IGNORECASE), r"\1***"),
)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# They print addresses with tokens (httpx), every frame (discord) or every try (stamina) at these levels.
_QUIET = {
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "telegram": "WARNING",
    "discord": "WARNING",
    "apscheduler": "ERROR",  # a beat that is left out while the last one still runs
}


def redacted(text: str) -> str:
    for pattern, stand_in in _SECRETS:
        text = pattern.sub(stand_in, text)
    return text


class Redact(logging.Filter):
    """Rewrites message, fields and traceback. On a handler: a logger's filter misses its children's records."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        for name, value in fields(record).items():
            if isinstance(value, str):
                setattr(record, name, redacted(value))
        return True


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`."""
    return {name: value for name, value in vars(record).items() if name not in _OWN}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **fields(record),
        }
        if record.exc_text:
            line["trace"] = record.exc_text
        return json.dumps(line, default=str, ensure_ascii=False)


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told = " ".join(f"{name}={value}" for name, value in fields(record).items())
        line = f"{at:%H:%M:%S} {record.levelname.lower():7} {record.getMessage()} {told}".rstrip()
        return f"{line}\n{record.exc_text}" if record.exc_text else line


def set_up(level: str, *, json_lines: bool, stream: TextIO | None = None) -> None:
    """Replaces whatever was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Redact())
    handler.setFormatter(JsonLines() if json_lines else PlainLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
