"""The assets we follow, what each source calls them, and the thresholds that come with them."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

_PAIR = re.compile(r"[/_-]?(?:usd[tc]?|perp)$")
FILE = Path(__file__).with_name("watchlist.toml")


class NotFollowed(LookupError):
    """The watchlist does not hold this asset, or no longer; rules and subscriptions outlive it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """
    `names` maps a source to its word for this asset; a source that is absent does not list it. `etf`: there are US
    spot funds of it, which trade since `etf_since`.
    """

    symbol: str
    name: str
    aliases: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict, hash=False)
    etf: bool = False
    etf_since: date | None = None

    def at(self, source: str) -> str | None:
        return self.names.get(source)

    def traded_for(self, currency: str) -> "Asset":
        """The same coin where it trades for another currency: BTC-USD at a venue becomes BTC-EUR. May not be listed."""
        return replace(
            self,
            names={
                source: name.replace("USD", currency).replace("usd", currency.lower())
                for source, name in self.names.items()
                if name.upper().endswith("USD")
            },
        )


@dataclass(frozen=True, slots=True)
class Watchlist:
    assets: tuple[Asset, ...]

    @classmethod
    def load(cls, path: Path = FILE) -> "Watchlist":
        """Raises ValueError naming the entry when the file is wrong."""
        table = tomllib.loads(path.read_text("utf-8"))
        return cls(tuple(_asset(symbol, entry) for symbol, entry in table["assets"].items()))

    def find(self, word: str) -> tuple[Asset, ...]:
        """
        Assets that a person may mean by `word`: by symbol, alias or its pair with the dollar (BTCUSDT, eth/usd);
        several when it is ambiguous.
        """
        wanted = word.strip().lstrip("$").casefold()
        exact = [a for a in self.assets if a.symbol.casefold() == wanted]
        found = tuple(exact or (a for a in self.assets if wanted in _words(a)))
        base = _PAIR.sub("", wanted)
        return found if found or base in ("", wanted) else self.find(base)

    def get(self, symbol: str) -> Asset:
        """Raises NotFollowed."""
        found = next((a for a in self.assets if a.symbol == symbol), None)
        if found is None:
            raise NotFollowed(symbol)
        return found

    def follows(self, symbol: str) -> bool:
        return any(a.symbol == symbol for a in self.assets)

    def suggest(self, start: str, limit: int = 25) -> tuple[Asset, ...]:
        """Assets whose symbol, name or alias begins with or contains `start`, best first."""
        wanted = start.strip().lstrip("$").casefold()
        ranked = [(_rank(a, wanted), i, a) for i, a in enumerate(self.assets)]
        return tuple(a for rank, _, a in sorted(ranked, key=lambda r: r[:2]) if rank < 9)[:limit]


def _words(asset: Asset) -> set[str]:
    return {asset.symbol.casefold(), asset.name.casefold(), *(a.casefold() for a in asset.aliases)}


def _rank(asset: Asset, wanted: str) -> int:
    if asset.symbol.casefold().startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in _words(asset)):
        return 1
    return 2 if any(wanted in word for word in _words(asset)) else 9


def _asset(symbol: str, entry: dict[str, object]) -> Asset:
    names = entry.get("at")
    if not isinstance(names, dict) or not isinstance(entry.get("name"), str):
        raise ValueError(f"watchlist: assets.{symbol} needs a name and a table 'at'")
    aliases = entry.get("aliases", [])
    if not isinstance(aliases, list):
        raise ValueError(f"watchlist: assets.{symbol}.aliases must be a list")
    since = entry.get("etf_since")
    if since is not None and type(since) is not date:
        raise ValueError(f"watchlist: assets.{symbol}.etf_since must be a date")
    return Asset(
        symbol=symbol,
        name=str(entry["name"]),
        aliases=tuple(str(a) for a in aliases),
        names={str(k): str(v) for k, v in names.items()},
        etf=since is not None or bool(entry.get("etf", False)),
        etf_since=since,
    )
