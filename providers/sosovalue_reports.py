"""
SoSoValue v1 besides the funds: companies that hold coins, what they bought, and the macro calendar.

GET /btc-treasuries, /btc-treasuries/{ticker}/purchase-history, /macro/events and /macro/events/{name}/history, with
a key. Docs: sosovalue-1.gitbook.io/sosovalue-api-doc.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from providers.payload import day, number, rows, table
from providers.types import Holding, Importance

# The calendar lists each release one day before its own history and the publishing office do.
EARLY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Company:
    """Listed as a holder; how much it holds is another question."""

    name: str
    ticker: str
    country: str | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """
    What a company held after it bought (or, below zero, sold). The average price is cost ÷ change: the source's
    own average is not one.
    """

    ticker: str
    date: date
    coins: float
    change_coins: float | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Release:
    """
    A macro figure by the day of its release; the source tells no hour and no importance. Figures as written
    ("3.5%"), None while unpublished. A history does not name its figure.
    """

    name: str | None
    date: date
    actual: str | None = None
    forecast: str | None = None
    previous: str | None = None
    importance: Importance | None = None


def parse_holdings(data: object) -> tuple[Company | Holding, ...]:
    """The list of companies, which names no coins, or what one of them held after each change, newest first."""
    listed = rows(data)
    if listed and "btc_holding" in listed[0]:
        return tuple(Holding(p.ticker, p.coins, as_of=p.date) for p in parse_purchases(data))
    return tuple(
        Company(str(row["name"]).strip(), str(row["ticker"]), row.get("list_location") or None)
        for row in listed
    )


def parse_purchases(data: object) -> tuple[Purchase, ...]:
    """Newest first, as it comes; a row without holdings tells nothing."""
    return tuple(
        Purchase(
            str(row["ticker"]),
            day(row["date"]),
            coins,
            number(row.get("btc_acq")),
            number(row.get("acq_cost")),
        )
        for row in rows(data)
        if (coins := number(row["btc_holding"])) is not None
    )


def parse_releases(data: object) -> tuple[Release, ...]:
    """The calendar or the history of one figure, soonest first."""
    found = [release for row in rows(data) for release in _releases(row)]
    return tuple(sorted(found, key=lambda release: release.date))


def _releases(row: Mapping[str, Any]) -> Sequence[Release]:
    if "events" in row:
        return [Release(str(name).strip(), day(row["date"]) + EARLY) for name in row["events"]]
    said = table(row)
    return [
        Release(
            None,
            day(said["date"]),
            said["actual"] or None,
            said.get("forecast") or None,
            said.get("previous") or None,
        )
    ]
