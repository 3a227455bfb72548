"""SoSoValue, The Block, Farside and Coinglass in their wire forms; a trade date fills in fund by fund."""

from datetime import UTC, date, datetime, time, timedelta

from aiohttp import web

from bot.demo import liquidations
from bot.demo.quotes import ms
from bot.demo.scenario import fear, flow_day, funding_rate, open_interest, price
from bot.demo.world import World
from providers.trading_days import is_trading_day

BEGAN = {"BTC": date(2024, 1, 11), "ETH": date(2024, 7, 23)}
SETTLED = timedelta(hours=28)  # after midnight UTC of a trade date every fund has reported


def routes(world: World) -> list[web.RouteDef]:
    return [*_sosovalue(world), *_theblock(world), *_farside(world), *_coinglass(world)]


def trade_dates(symbol: str, now: datetime) -> list[date]:
    """Trading days so far, oldest first, the running one included."""
    first, last = BEGAN[symbol], now.date()
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return [d for d in days if is_trading_day(d)]


def _total(funds: dict[str, float | None]) -> float | None:
    known = [usd for usd in funds.values() if usd is not None]
    return sum(known) if known else None


def _coin(kind: str) -> str | None:
    return {"us-btc-spot": "BTC", "us-eth-spot": "ETH"}.get(kind)


def _sosovalue(world: World) -> list[web.RouteDef]:
    async def history(request: web.Request) -> web.Response:
        coin = _coin((await request.json()).get("type", ""))
        if coin is None:
            return web.json_response({"code": 1, "msg": "type error", "data": None})
        now, total, rows = world.now(), 0.0, []
        for day in trade_dates(coin, now):
            net = _total(flow_day(coin, day, now))
            total += net or 0.0
            # The aggregate shows a zero until a day has settled.
            settled = datetime.combine(day, time(), UTC) + SETTLED <= now
            shown = net if settled and net is not None else 0.0
            rows.append(
                {
                    "date": day.isoformat(), "totalNetInflow": round(shown, 2), "totalValueTraded": 3.1e9,
                    "totalNetAssets": 9.8e10, "cumNetInflow": round(total, 2),
                }
            )  # fmt: skip
        return web.json_response({"code": 0, "msg": None, "data": rows[::-1][:300]})

    async def metrics(request: web.Request) -> web.Response:
        coin = _coin((await request.json()).get("type", ""))
        if coin is None:
            return web.json_response({"code": 1, "msg": "type error", "data": None})
        now = world.now()
        day = trade_dates(coin, now)[-1]
        while _total(funds := flow_day(coin, day, now)) is None:
            day = max(d for d in trade_dates(coin, now) if d < day)

        def wrapped(value: float | None) -> dict[str, object]:
            return {
                "value": value,
                "lastUpdateDate": day.isoformat(),
                "status": "3" if value is None else "1",
            }

        listing = [
            {
                "id": fund, "ticker": fund, "institute": f"{fund} Trust ", "netAssets": wrapped(1e9),
                "dailyNetInflow": wrapped(usd), "cumNetInflow": wrapped(1e9), "dailyValueTraded": wrapped(1e8),
                "fee": wrapped(0.25), "discountPremiumRate": wrapped(0.0), "netAssetsPercentage": wrapped(0.1),
            }
            for fund, usd in funds.items()
        ]  # fmt: skip
        data = {
            "totalNetAssets": wrapped(9.8e10), "totalNetAssetsPercentage": wrapped(6.3),
            "totalTokenHoldings": wrapped(1.27e6), "dailyNetInflow": wrapped(_total(funds)),
            "cumNetInflow": wrapped(5.5e10), "dailyTotalValueTraded": wrapped(3e9), "list": listing,
        }  # fmt: skip
        return web.json_response({"code": 0, "msg": None, "data": data})

    async def keyed(_: web.Request) -> web.Response:
        return web.json_response(
            {"code": 400101, "message": "invalid api key", "data": None}, status=401
        )

    return [
        web.post("/sosovalue_v2/openapi/v2/etf/historicalInflowChart", history),
        web.post("/sosovalue_v2/openapi/v2/etf/currentEtfDataMetrics", metrics),
        web.get("/sosovalue/{path:.*}", keyed),
    ]


def _theblock(world: World) -> list[web.RouteDef]:
    async def per_fund(request: web.Request) -> web.Response:
        coin = request.match_info["coin"].upper()
        now = world.now()
        series: dict[str, dict[str, list[dict[str, float]]]] = {}
        for day in trade_dates(coin, now):
            if datetime.combine(day, time(), UTC) + timedelta(hours=36) > now:
                continue  # this source lags by half a day
            stamp = int(datetime.combine(day, time(12), UTC).timestamp())
            for fund, usd in flow_day(coin, day, now).items():
                if usd is not None:
                    series.setdefault(fund, {"Data": []})["Data"].append(
                        {"Timestamp": stamp, "Result": usd}
                    )
        return web.json_response({"Series": series})

    return [
        web.get(
            "/theblock/markets_structuredproducts_{coin:btc|eth}spotetfflows_daily_other.json",
            per_fund,
        )
    ]


def _cell(value: float | None) -> str:
    if value is None:
        return "<td>-</td>"
    million = value / 1e6
    return (
        f'<td><span class="redFont">({-million:,.1f})</span></td>'
        if million < 0
        else f"<td>{million:,.1f}</td>"
    )


def _farside(world: World) -> list[web.RouteDef]:
    async def page(request: web.Request) -> web.Response:
        coin, now = request.match_info["coin"].upper(), world.now()
        days = trade_dates(coin, now)[-15:]
        funds = list(flow_day(coin, days[-1], now))
        head = "".join(f"<th>{fund}</th>" for fund in funds)
        rows = []
        for day in days:
            by_fund = flow_day(coin, day, now)
            total = _total(by_fund)
            cells = "".join(_cell(usd) for usd in by_fund.values()) + _cell(total or 0.0)
            rows.append(f"<tr><td>{day:%d %b %Y}</td>{cells}</tr>")
        table = (
            f'<table class="etf"><thead><tr><th></th>{"<th></th>" * len(funds)}<th>Total</th></tr>'
            f"<tr><th></th>{head}<th></th></tr><tr><th>Fee</th>{'<th>0.25%</th>' * len(funds)}<th></th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>"
        )
        return web.Response(text=f"<html><body>{table}</body></html>", content_type="text/html")

    return [web.get("/farside/{coin:btc|eth}/", page)]


def _coinglass(world: World) -> list[web.RouteDef]:
    def ok(data: object) -> web.Response:
        return web.json_response({"code": "0", "msg": "success", "data": data})

    async def by_exchange(request: web.Request) -> web.Response:
        hours = {"1h": 1, "4h": 4, "12h": 12, "24h": 24}[request.query["range"]]
        coin, now = request.query.get("symbol"), world.now()
        names = ("All", "Binance", "Bybit", "OKX")
        rows = []
        for name in names:
            venue = None if name == "All" else name
            long, short = liquidations.window_total(coin, now, timedelta(hours=hours), venue)
            rows.append(
                {
                    "exchange": name, "liquidation_usd": long + short, "long_liquidation_usd": long,
                    "short_liquidation_usd": short,
                }
            )  # fmt: skip
        return ok(rows)

    async def history(request: web.Request) -> web.Response:
        coin, now = request.query["symbol"], world.now()
        step = {"1h": 1, "4h": 4, "12h": 12, "1d": 24}[request.query["interval"]]
        count = min(int(request.query.get("limit", 1000)), 1000)
        last = datetime.fromtimestamp(now.timestamp() // (3600 * step) * 3600 * step, UTC)
        rows = []
        for at in (last - timedelta(hours=step * i) for i in reversed(range(count))):
            pairs = [liquidations.hour_total(coin, at + timedelta(hours=h)) for h in range(step)]
            rows.append(
                {
                    "time": ms(at), "aggregated_long_liquidation_usd": sum(p[0] for p in pairs),
                    "aggregated_short_liquidation_usd": sum(p[1] for p in pairs),
                }
            )  # fmt: skip
        return ok(rows)

    async def etf(request: web.Request) -> web.Response:
        coin = {"bitcoin": "BTC", "ethereum": "ETH"}[request.match_info["coin"]]
        now, rows = world.now(), []
        for day in trade_dates(coin, now):
            funds = flow_day(coin, day, now)
            if (net := _total(funds)) is not None:
                listing = [
                    {"etf_ticker": f} | ({} if u is None else {"flow_usd": u})
                    for f, u in funds.items()
                ]
                at = datetime.combine(day, time(), UTC)
                paid = round(price(coin, min(at + timedelta(hours=21), now)), 2)
                rows.append(
                    {"timestamp": ms(at), "flow_usd": net, "price_usd": paid, "etf_flows": listing}
                )
        return ok(rows)

    async def greed(_: web.Request) -> web.Response:
        today = world.now().date()
        days = [today - timedelta(days=i) for i in reversed(range(400))]
        data = {
            "data_list": [fear(d) for d in days],
            "price_list": [round(price("BTC", datetime.combine(d, time(), UTC)), 2) for d in days],
            "time_list": [ms(datetime.combine(d, time(), UTC)) for d in days],
        }
        return ok(data)

    async def interest(request: web.Request) -> web.Response:
        coin, now = request.query["symbol"], world.now()
        coins = open_interest(coin, now) * 4
        row = {
            "exchange": "All", "symbol": coin, "open_interest_usd": coins * price(coin, now),
            "open_interest_quantity": coins,
        }  # fmt: skip
        return ok([row])

    async def funding(request: web.Request) -> web.Response:
        rate = funding_rate(request.query.get("symbol", "BTC"), world.now()) * 100
        listing = [{"exchange": "Binance", "funding_rate": rate, "funding_rate_interval": 8}]
        return ok([{"symbol": "BTC", "stablecoin_margin_list": listing}])

    root = "/coinglass/api"
    return [
        web.get(f"{root}/futures/liquidation/exchange-list", by_exchange),
        web.get(f"{root}/futures/liquidation/aggregated-history", history),
        web.get(root + "/etf/{coin:bitcoin|ethereum}/flow-history", etf),
        web.get(f"{root}/index/fear-greed-history", greed),
        web.get(f"{root}/futures/open-interest/exchange-list", interest),
        web.get(f"{root}/futures/funding-rate/exchange-list", funding),
    ]
