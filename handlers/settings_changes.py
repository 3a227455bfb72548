"""What may be set, and what is said when it cannot be."""

import re
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from handlers.arguments import clip
from handlers.command import Request, UserError
from handlers.desk import Desk
from handlers.preferences import Preferences, QuietHours, Severity
from handlers.quoted import CURRENCIES
from handlers.when import clock, halves_joined, zone_named, zones_like

Change = Callable[[Request, Desk, Preferences, tuple[str, ...]], Awaitable[Preferences]]


async def _set_quiet(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    if rest[0].lower() in ("off", "none"):
        return replace(now, quiet=None)
    times = _hours(" ".join(rest))
    if len(times) != 2 or times[0] == times[1]:
        raise UserError(
            request.words("Quiet hours need a start and an end."),
            example="/settings quiet 22:00 07:00",
        )
    passes = "all" not in rest and (now.quiet is None or now.quiet.critical_passes)
    return replace(
        now,
        quiet=QuietHours(times[0], times[1], passes),
        zone=now.zone or str(request.words.zone),
    )


def _hours(typed: str) -> list[str]:
    """Times of day, with minutes or without: "22:00–07:00", "10 pm to 7 am", "22-07"."""
    parts = re.split(r"[\s,\u2013\u2014-]+", halves_joined(re.sub(r"[\u2013\u2014-]", " ", typed)))
    whole = (f"{part}:00" if part.isdecimal() else part for part in parts)
    return [at for part in whole if (at := clock(part))]


async def _set_critical(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    """Whether critical alerts pass the quiet hours."""
    passes = _on_or_off(rest[0])
    if passes is None:
        raise UserError(
            request.words("Critical alerts pass quiet hours: on or off."),
            example="/settings critical off",
        )
    if now.quiet is None:
        raise UserError(
            request.words("There are no quiet hours yet, so everything passes. Set them first."),
            example="/settings quiet 22:00 07:00",
        )
    return replace(now, quiet=replace(now.quiet, critical_passes=passes))


async def _set_currency(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    currency = rest[0].upper()
    if currency not in CURRENCIES:
        known = ", ".join(CURRENCIES)
        raise UserError(
            request.words("I know prices in {known}.", known=known),
            example="/settings currency eur",
        )
    return replace(now, currency=currency)


async def _set_rings(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    try:
        return replace(now, rings_from=Severity(rest[0].lower()))
    except ValueError:
        raise UserError(
            request.words("Choose info, warning or critical."), example="/settings rings critical"
        ) from None


async def _set_zone(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    word = "_".join(rest)
    zone = zone_named(word)
    if zone is None:
        near = ", ".join(zones_like(word)) or "Europe/Berlin, America/New_York"
        raise UserError(
            request.words(
                "I do not know the zone “{word}”. For instance: {near}", word=clip(word), near=near
            ),
            example="/settings zone Europe/Berlin",
        )
    return replace(now, zone=ZoneInfo(zone).key)


async def _set_language(
    request: Request, desk: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    code = rest[0].lower()
    if code not in desk.languages:
        raise UserError(
            request.words("I speak {languages}.", languages=", ".join(desk.languages)),
            example="/settings language en",
        )
    return replace(now, language=code)


async def _set_assets(
    request: Request, desk: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    found = [desk.watchlist.find(word.strip(",")) for word in rest]
    if any(len(f) != 1 for f in found):
        known = ", ".join(a.symbol for a in desk.watchlist.assets)
        raise UserError(
            request.words("I follow {known}.", known=known), example="/settings assets btc eth"
        )
    return replace(now, assets=tuple(dict.fromkeys(f[0].symbol for f in found)))


async def _set_charts(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    if rest[0].lower() not in ("dark", "light"):
        raise UserError(
            request.words("Charts are dark or light."), example="/settings charts light"
        )
    return replace(now, dark_charts=rest[0].lower() == "dark")


async def _set_publish(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    wanted = _on_or_off(rest[0])
    if wanted is None:
        raise UserError(request.words("Publishing is on or off."), example="/settings publish on")
    return replace(now, publish_briefings=wanted)


async def _set_role(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    role = rest[0].strip("<@&>")
    if rest[0].lower() == "off":
        return replace(now, manager_role=None)
    if not role.isdigit():
        raise UserError(
            request.words("Name the role by its number."), example="/settings role 123456789"
        )
    return replace(now, manager_role=role)


def _on_or_off(word: str) -> bool | None:
    return {"on": True, "off": False}.get(word.lower())


CHANGES: dict[str, Change] = {
    "quiet": _set_quiet,
    "critical": _set_critical,
    "rings": _set_rings,
    "zone": _set_zone,
    "language": _set_language,
    "assets": _set_assets,
    "currency": _set_currency,
    "charts": _set_charts,
    "publish": _set_publish,
    "role": _set_role,
}
