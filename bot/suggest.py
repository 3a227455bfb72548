"""What Discord offers while somebody types: from memory only, so that it is there within a blink."""

from collections.abc import Sequence

from bot.transport import WordsFor
from handlers.arguments import LENGTHS
from handlers.command import Channel, OptionKind
from handlers.desk import Desk
from handlers.rule_words import in_words
from handlers.settings_pages import ZONES
from handlers.subscribed import in_words as sent
from handlers.when import clock, zones_like

RULES = (
    "btc 70k", "btc < 70000 close 1h", "btc -5% 1h", "btc new low 90d", "btc rsi < 25 4h", "liqs > 500M 24h",
    "flows < -500M", "flows streak 5", "funding < 0", "fear < 15", "btc level break", 'word "bailout"',
)  # fmt: skip
TIMES = ("1h", "4h", "1d", "until 08:00")
WINDOWS = ("1h", "4h", "24h", "7d", "21d")
FIXED = {
    OptionKind.INTERVAL: LENGTHS, OptionKind.WINDOW: WINDOWS, OptionKind.TIME: TIMES,
}  # fmt: skip
MOST = 25
DASH = " — "


class Suggestions:
    """Call it with the kind of an option and what has been typed so far. Explained in the chat's own language."""

    def __init__(self, desk: Desk, words_for: WordsFor) -> None:
        self._desk = desk
        self._words_for = words_for

    async def __call__(self, kind: OptionKind, typed: str, channel: Channel) -> Sequence[str]:
        """What stands after a long dash explains; the words before it are what is asked."""
        match kind:
            case OptionKind.ASSET:
                return [a.symbol for a in self._desk.watchlist.suggest(typed, MOST)]
            case OptionKind.RULE:
                return self._rules(typed)
            case OptionKind.SCHEDULE:
                return _schedules(typed)
            case OptionKind.ZONE:
                return _starting(ZONES, typed) or list(zones_like(typed, MOST))
            case OptionKind.LANGUAGE:
                return _starting(self._desk.languages, typed)
            case OptionKind.RULE_ID:
                return await self._alerts(typed, channel)
            case OptionKind.SUBSCRIPTION:
                return await self._subscriptions(typed, channel)
            case _:
                return _starting(FIXED.get(kind, ()), typed)

    async def _alerts(self, typed: str, channel: Channel) -> list[str]:
        words = await self._words_for(channel, None)
        records = await self._desk.notebook.rules(channel)
        return _holding(
            [f"{r.rule.id}{DASH}{in_words(r.rule, words)}" for r in records], typed.lstrip("#")
        )

    async def _subscriptions(self, typed: str, channel: Channel) -> list[str]:
        words = await self._words_for(channel, None)
        known = await self._desk.notebook.subscriptions(channel)
        names = [f"{s.id}{DASH}{sent(words, self._desk, s)}" for s in known]
        return _holding([*names, "all"] if names else [], typed)

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
    begun, zones = _zone_begun(words) if clock(last) is None else (1, ())
    offers = [typed, *(" ".join([*words[:-begun], zone]) for zone in zones)]
    if len(words) == 1 and clock(last) is not None:
        offers += [f"{days} {last}" for days in ("daily", "weekdays", "trading days")]
    return offers[:MOST]


def _zone_begun(words: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """How many of the last words may become a zone ("new yo"), and which."""
    for length in range(min(3, len(words)), 0, -1):
        if zones := zones_like(" ".join(words[-length:]), 8):
            return length, zones
    return 1, ()


def _starting(known: Sequence[str], typed: str) -> list[str]:
    wanted = typed.strip().lower()
    return [k for k in known if k.lower().startswith(wanted)][:MOST]


def _holding(names: Sequence[str], typed: str) -> list[str]:
    wanted = typed.strip().lower()
    return [name for name in names if wanted in name.lower()][:MOST]
