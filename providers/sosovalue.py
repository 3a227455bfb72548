"""
SoSoValue: daily net flows of the US spot funds.

Keyless: POST /openapi/v2/etf/historicalInflowChart (about 300 days of totals) and …/currentEtfDataMetrics (the newest
day by fund) on api.sosovalue.xyz. With a free key: GET /etfs/… on openapi.sosovalue.com/openapi/v1, 30 days with every
fund, 8 requests a minute. Docs: sosovalue.gitbook.io/soso-value-api-doc, sosovalue-1.gitbook.io/sosovalue-api-doc.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from config.watchlist import Asset
from providers import sosovalue_reports as reports
from providers.errors import (
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.flow_days import (
    asset_of,
    by_fund_days,
    flow_day,
    honest,
    merge,
    nothing_yet,
    total_days,
)
from providers.payload import day, decoded, number, rows, table, understood
from providers.seen import Seen
from providers.trading_days import is_trading_day, last_closed
from providers.types import FlowDay, Reading
from providers.upstream import Upstream

NAME = "sosovalue"
KEEP = timedelta(days=2)
FRESH = timedelta(minutes=3)  # two small answers for each asset, one with a key
PENDING = timedelta(minutes=4)  # a dozen funds of each asset, out of ten answers a minute
FILED = timedelta(hours=1)  # a fund that has filed the last trade date can only revise it
FUNDS_CHANGE = timedelta(days=1)

Totals = tuple[tuple[date, float | None], ...]

# Six digits are the live codes, five the documentation's examples, three the old API's.
_LIMITED = {402901, 42901, 429}
_UNKNOWN = {400001, 400401, 400402}
_PLAN = {400301}
_DOWN = {500001, 500301, 500, 502, 503, 504}


class SoSoValue:
    """Flows. Asks with the key first where there is one; both answers are merged."""

    name = "SoSoValue"

    def __init__(
        self, keyless: Upstream | None, keyed: Upstream | None, now: Callable[[], datetime]
    ) -> None:
        self._keyless = keyless
        self._keyed = keyed
        self._now = now
        self._filed: dict[str, date | None] = {}  # each fund's newest day with a figure

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        kind = asset.at(NAME)
        if kind is None:
            raise UnknownSymbol(NAME, f"no funds for {asset.symbol}")
        asked = []
        if self._keyed is not None:
            asked.append(self._with_key(self._keyed, asset))
        if self._keyless is not None:
            asked.append(self._without_key(self._keyless, kind))
        return _joined(await asyncio.gather(*asked, return_exceptions=True))

    async def _without_key(self, upstream: Upstream, kind: str) -> Reading[tuple[FlowDay, ...]]:
        now = self._now()

        async def newest() -> tuple[FlowDay, ...]:
            try:
                answer = await upstream.get(
                    "/openapi/v2/etf/currentEtfDataMetrics",
                    {},
                    parse_metrics,
                    fresh=FRESH,
                    keep=KEEP,
                    method="POST",
                    body={"type": kind},
                )
            except ProviderError:
                return ()  # the funds are a part; the totals stand without them
            return answer.value

        history, latest = await asyncio.gather(
            upstream.get(
                "/openapi/v2/etf/historicalInflowChart",
                {},
                parse_totals,
                fresh=FRESH,
                keep=KEEP,
                method="POST",
                body={"type": kind},
            ),
            newest(),
        )
        return history.map(lambda t: merge((honest(latest, now), honest(total_days(t), now))))

    async def _with_key(self, upstream: Upstream, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        now = self._now()
        summary = await upstream.get(
            "/etfs/summary-history",
            {"symbol": asset.symbol, "country_code": "US", "limit": 300},
            parse_totals,
            fresh=FRESH,
            keep=KEEP,
        )
        try:
            funds = await self._funds(upstream, asset)
        except ProviderError:
            return summary.map(lambda totals: honest(total_days(totals), now))
        return summary.map(lambda totals: honest(with_funds(totals, funds), now))

    async def _funds(self, upstream: Upstream, asset: Asset) -> Mapping[str, Totals]:
        """
        Every fund's own days; those that have filed the last trade date are asked seldom. A list with holes says
        nothing about who has filed, so one failure is all.
        """
        newest = last_closed(self._now())
        listed = await upstream.get(
            "/etfs",
            {"symbol": asset.symbol, "country_code": "US"},
            parse_funds,
            fresh=FUNDS_CHANGE,
            keep=FUNDS_CHANGE * 7,
        )
        found = {}
        for ticker in listed.value:
            fresh = FILED if self._filed.get(ticker) == newest else PENDING
            answer = await upstream.get(
                f"/etfs/{ticker}/history", {}, parse_fund_history, fresh=fresh, keep=KEEP
            )
            found[ticker] = answer.value
            self._filed[ticker] = max(
                (d for d, usd in answer.value if usd is not None), default=None
            )
        return found


def _joined(
    answers: Sequence[Reading[tuple[FlowDay, ...]] | BaseException],
) -> Reading[tuple[FlowDay, ...]]:
    good: list[Reading[tuple[FlowDay, ...]]] = []
    error: ProviderError | None = None
    for answer in answers:
        if isinstance(answer, ProviderError):
            error = error or answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            good.append(answer)
    if not good:
        raise error or Unavailable(NAME, "neither asked with a key nor without")
    newest = max(good, key=lambda reading: reading.as_of)
    return newest.map(lambda _: merge([g.value for g in good]))


def with_funds(totals: Totals, funds: Mapping[str, Totals]) -> tuple[FlowDay, ...]:
    """Totals and every fund's own history as days that know who has filed."""
    total_of = dict(totals)
    figures: dict[date, dict[str, float | None]] = {trade_date: {} for trade_date in total_of}
    for ticker, history in funds.items():
        for trade_date, usd in history:
            figures.setdefault(trade_date, {})[ticker] = usd
    # The total of a running day may be a placeholder, so the sum of its funds is trusted instead.
    return by_fund_days(
        (trade_date, known, total_of.get(trade_date) or None)
        for trade_date, known in figures.items()
    )


def parse_totals(text: str) -> Totals:
    """v2 historicalInflowChart and v1 summary-history: (trade date, net USD), newest first as it comes."""
    data = _data(text)
    listed = data["list"] if isinstance(data, dict) else data
    return tuple((day(row["date"]), number(_net(row))) for row in rows(listed))


def parse_metrics(text: str) -> tuple[FlowDay, ...]:
    """v2 currentEtfDataMetrics: the newest day by fund; a fund last updated on an earlier day has not filed."""
    data = table(_data(text))
    funds = {str(row["ticker"]).strip(): table(row["dailyNetInflow"]) for row in rows(data["list"])}
    total = table(data["dailyNetInflow"])
    dates = [day(w["lastUpdateDate"]) for w in (total, *funds.values()) if w.get("lastUpdateDate")]
    newest = max(dates)
    if not is_trading_day(newest):
        return ()
    by_fund = tuple((ticker, _on(newest, wrapped)) for ticker, wrapped in funds.items())
    net = _on(newest, total)
    found = flow_day(newest, by_fund, net)
    empty = not any(usd for _, usd in by_fund)
    return (nothing_yet(found) if empty else found,)


def parse_funds(text: str) -> tuple[str, ...]:
    """v1 /etfs: tickers."""
    return tuple(str(row["ticker"]) for row in rows(_data(text)))


def parse_fund_history(text: str) -> Totals:
    """v1 /etfs/{ticker}/history: a pending day is a row of nulls."""
    return tuple((day(row["date"]), number(row["net_inflow"])) for row in rows(_data(text)))


def refusal(status: int, _headers: Mapping[str, str], text: str) -> ProviderError | None:
    """SoSoValue's own errors: HTTP 4xx with a code, and HTTP 200 with the old envelope's code 1."""
    try:
        body = decoded(text)
    except ValueError:
        return None
    return _error(body, status) if isinstance(body, dict) else None


def _error(body: Mapping[str, Any], status: int = 200) -> ProviderError | None:
    code = body.get("code", 0)
    code = int(code) if str(code).isdecimal() else code
    if code == 0 and status < 400:
        return None
    words = str(body.get("message") or body.get("msg") or f"code {code}")[:200]
    details = body.get("details")
    wait = number(details.get("retry_after")) if isinstance(details, dict) else None
    if code in _LIMITED or status == 429:
        return RateLimited(NAME, words, retry_after=timedelta(seconds=60 if wait is None else wait))
    kinds: tuple[tuple[set[int], type[ProviderError]], ...] = (
        (_PLAN, PlanNeeded),
        (_UNKNOWN, UnknownSymbol),
        (_DOWN, Unavailable),
    )
    for codes, kind in kinds:
        if code in codes:
            return kind(NAME, words)
    return Unavailable(NAME, words) if status >= 500 else Refused(NAME, words)


def _data(text: str) -> Any:
    body = table(decoded(text))
    error = _error(body)
    if error is not None:
        raise error
    return body["data"]


def _net(row: Mapping[str, Any]) -> object:
    return row["totalNetInflow"] if "totalNetInflow" in row else row["total_net_inflow"]


def _on(trade_date: date, wrapped: Mapping[str, Any]) -> float | None:
    stamp = wrapped.get("lastUpdateDate")
    return number(wrapped.get("value")) if stamp and day(stamp) == trade_date else None


def _one_fund(history: list[dict[str, Any]]) -> tuple[FlowDay, ...]:
    """A fund's own history; its rows need not name it. Days without trading are dropped."""
    return tuple(
        flow_day(trade_date, ((str(row.get("ticker") or "fund"), usd),), usd)
        for row in sorted(history, key=lambda row: str(row["date"]))
        for trade_date, usd in ((day(row["date"]), number(row["net_inflow"])),)
        if is_trading_day(trade_date)
    )


def _read_flows(text: str) -> tuple[Seen, ...]:
    data = _data(text)
    if isinstance(data, dict) and "dailyNetInflow" in data:
        days = parse_metrics(text)
    elif isinstance(data, list) and data and "net_inflow" in table(data[0]):
        days = _one_fund(rows(data))
    else:
        days = total_days(parse_totals(text))
    funds = [fund for d in days for fund, _ in d.by_fund]
    return tuple(Seen(d, NAME, asset_of(funds)) for d in days)


READS: dict[str, Callable[[str], Sequence[object]]] = {
    "flow": understood(NAME, _read_flows),
    "fund": understood(NAME, parse_funds),
    "holding": understood(NAME, lambda text: reports.parse_holdings(_data(text))),
    "purchase": understood(NAME, lambda text: reports.parse_purchases(_data(text))),
    "event": understood(NAME, lambda text: reports.parse_releases(_data(text))),
}
