"""Fear & Greed, treasuries and calendars of the demo world in their wire forms."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.demo.scenario import fear, price
from bot.demo.world import World

NEW_YORK = ZoneInfo("America/New_York")
DECISIONS = ((1, 28), (3, 18), (4, 29), (6, 17), (7, 29), (9, 16), (10, 28), (12, 9))
LABELS = (
    (25, "Extreme Fear"),
    (46, "Fear"),
    (55, "Neutral"),
    (76, "Greed"),
    (101, "Extreme Greed"),
)
GOVERNMENTS = (
    ("United States", "US", 328_000.0),
    ("China", "CN", 190_000.0),
    ("United Kingdom", "GB", 61_000.0),
)
COMPANIES = (
    ("Strategy", "US", 713_000.0),
    ("MARA Holdings", "US", 53_000.0),
    ("Twenty One", "US", 43_500.0),
)


def routes(world: World) -> list[web.RouteDef]:
    async def greed(request: web.Request) -> web.Response:
        today = world.now().date()
        limit = int(request.query.get("limit", 1)) or 1200
        days = [today - timedelta(days=i) for i in range(limit)]
        rows: list[dict[str, str]] = [_fear_row(d) for d in days]
        rows[0]["time_until_update"] = "3600"
        return web.json_response(
            {"name": "Fear and Greed Index", "data": rows, "metadata": {"error": None}}
        )

    async def treasuries(request: web.Request) -> web.Response:
        who, coin = request.match_info["who"], request.match_info["coin"]
        if coin != "bitcoin":
            error = {"status": {"error_code": 404, "error_message": "coin not found"}}
            return web.json_response(error, status=404)
        paid = price("BTC", world.now())
        rows = [
            {
                "name": name, "symbol": None, "country": country, "total_holdings": coins,
                "total_entry_value_usd": 0.0, "total_current_value_usd": round(coins * paid, 2),
                "percentage_of_total_supply": round(coins / 21e6 * 100, 3),
            }
            for name, country, coins in (GOVERNMENTS if who == "governments" else COMPANIES)
        ]  # fmt: skip
        total = sum(float(str(r["total_holdings"])) for r in rows)
        body = {
            "total_holdings": total,
            "total_value_usd": total * paid,
            "market_cap_dominance": 3.0,
            who: rows,
        }
        return web.json_response(body)

    async def fed(_: web.Request) -> web.Response:
        body = json.dumps({"events": [*_fed_events(world.now().date()), {}]}).encode()
        return web.Response(body=b"\xef\xbb\xbf" + body, content_type="application/json")

    async def releases(request: web.Request) -> web.Response:
        today = world.now().date()
        days = [_monthly(today, i, int(request.query["release_id"]) % 20 + 3) for i in range(-2, 6)]
        rows = [
            {"release_id": int(request.query["release_id"]), "date": d.isoformat()}
            for d in reversed(days)
        ]
        return web.json_response({"release_dates": rows})

    async def week(_: web.Request) -> web.Response:
        monday = world.now().date() - timedelta(days=world.now().weekday())
        rows = [
            _ff("ISM Services PMI", monday + timedelta(days=2), time(10, 0), "High"),
            _ff("Unemployment Claims", monday + timedelta(days=3), time(8, 30), "Medium"),
            _ff("Non-Farm Employment Change", monday + timedelta(days=4), time(8, 30), "High"),
        ]
        return web.json_response(rows)

    return [
        web.get("/alternative/fng/", greed),
        web.get("/coingecko/{who:governments|companies}/public_treasury/{coin}", treasuries),
        web.get("/fed_calendar", fed),
        web.get("/fred/release/dates", releases),
        web.get("/forexfactory", week),
    ]


def _fear_row(day: date) -> dict[str, str]:
    value = fear(day)
    label = next(name for limit, name in LABELS if value < limit)
    stamp = int(datetime.combine(day, time(), UTC).timestamp())
    return {"value": str(value), "value_classification": label, "timestamp": str(stamp)}


def _fed_events(today: date) -> list[dict[str, str]]:
    """The decisions of 2026 as the Fed announced them, minutes three weeks later."""
    events = []
    for meeting in (date(2026, month, day) for month, day in DECISIONS):
        if abs((meeting - today).days) < 200:
            minutes = meeting + timedelta(weeks=3)
            events.append(_fed_event("FOMC Meeting", "FOMC", meeting))
            events.append(_fed_event("FOMC Minutes", "FOMC", minutes))
    return events


def _fed_event(title: str, kind: str, day: date) -> dict[str, str]:
    return {
        "days": str(day.day), "month": f"{day:%Y-%m}", "title": title, "type": kind, "time": "2:00 p.m.",
        "description": "",
    }  # fmt: skip


def _monthly(today: date, ahead: int, day: int) -> date:
    month = today.month - 1 + ahead
    return date(today.year + month // 12, month % 12 + 1, day)


def _ff(title: str, day: date, at: time, impact: str) -> dict[str, str]:
    moment = datetime.combine(day, at, NEW_YORK)
    return {
        "title": title, "country": "USD", "date": moment.isoformat(), "impact": impact, "forecast": "",
        "previous": "",
    }  # fmt: skip
