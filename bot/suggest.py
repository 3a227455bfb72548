"""What Discord offers while somebody types: from memory only, so that it is there within a blink."""

from collections.abc import Sequence

from handlers.command import Channel, OptionKind
from handlers.desk import Desk
from handlers.when import clock, zones_like
from providers.types import Interval

RULES = (
    "btc 70k", "btc < 70000 close 1h", "btc -5% 1h", "btc new low 90d", "btc rsi < 25 4h", "liqs > 500M 24h",
    "flows < -500M", "flows streak 5", "funding < 0", "fear < 15", "btc level break", 'word "bailout"',
)  # fmt: skip
TIMES = ("1h", "4h", "1d", "until 08:00")
WINDOWS = ("1h", "4h", "24h", "7d", "21d")
MOST = 25


class Suggestions:
    """Call it with the kind of an option and what has been typed so far."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, kind: OptionKind, typed: str, channel: Channel) -> Sequence[str]:  # noqa: ARG002 # the same everywhere
        match kind:
            case OptionKind.ASSET:
                return [a.symbol for a in self._desk.watchlist.suggest(typed, MOST)]
            case OptionKind.INTERVAL:
                return _starting(tuple(Interval), typed)
            case OptionKind.WINDOW:
                return _starting(WINDOWS, typed)
            case OptionKind.TIME:
                return _starting(TIMES, typed)
            case OptionKind.RULE:
                return self._rules(typed)
            case OptionKind.SCHEDULE:
                return _schedules(typed)
            case _:
                return []

    def _rules(self, typed: str) -> list[str]:
        """Examples, and the same with the asset that was begun."""
        known = _starting(RULES, typed)
        if known or not typed.strip():
            return known
        word = typed.split()[0]
        assets = [a.symbol.lower() for a in self._desk.watchlist.suggest(word, 3)]
        return [
            typed,
            *(
                rule.replace("btc", asset)
                for asset in assets
                for rule in RULES
                if rule.startswith("btc")
            ),
        ][:MOST]


def _schedules(typed: str) -> list[str]:
    """Complete what was begun: a time gets its days, a zone its full name."""
    words = typed.split()
    if not words:
        return [
            "daily 08:00",
            "weekdays 08:00 America/New_York",
            "trading days 16:30 ET",
            "after flows",
        ]
    last = words[-1]
    zones = zones_like(last, 8) if clock(last) is None else ()
    offers = [typed, *(" ".join([*words[:-1], zone]) for zone in zones)]
    if len(words) == 1 and clock(last) is not None:
        offers += [f"{days} {last}" for days in ("daily", "weekdays", "trading days")]
    return offers[:MOST]


def _starting(known: Sequence[str], typed: str) -> list[str]:
    wanted = typed.strip().lower()
    return [k for k in known if k.lower().startswith(wanted)][:MOST]
