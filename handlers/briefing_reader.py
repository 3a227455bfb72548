"""What people type after `/subscribe brief`: when it comes, which briefing it is, and of which asset."""

from datetime import timedelta

from msgspec.structs import replace

from handlers.arguments import DEFAULT_ASSET, clip
from handlers.command import Request, UserError
from handlers.desk import Desk
from handlers.preferences import Preferences
from handlers.subscribed import EXAMPLE
from handlers.subscription import Days, Schedule
from handlers.when import offset, timing, zones_at, zones_like

WEEKLY = "weekly"  # comes on Mondays unless other days are named


def wanted(
    request: Request, desk: Desk, preferences: Preferences, args: tuple[str, ...]
) -> tuple[Schedule, str, str]:
    """When, the briefing's name and the asset's symbol; raises a UserError for what is missing or not understood."""
    schedule, rest = _schedule(request, preferences, args)
    return schedule, *_which(request, desk, rest, preferences.assets)


def _schedule(
    request: Request, preferences: Preferences, args: tuple[str, ...]
) -> tuple[Schedule, tuple[str, ...]]:
    found = timing(args, preferences.zone or str(request.words.zone), request.words)
    if found.again:
        raise _one_too_many(request, found.again[0])
    if found.schedule is None:
        raise UserError(
            request.words(
                "When should it come? Name a time like 08:00, or say “after flows” for once the ETF flows are final."
            ),
            example=EXAMPLE,
        )
    daily = not (found.on_days or found.schedule.after_flows)
    if daily and WEEKLY in (word.lower() for word in found.rest):
        return replace(found.schedule, days=Days.CUSTOM, weekdays=(0,)), found.rest
    return found.schedule, found.rest


def _one_too_many(request: Request, word: str) -> UserError:
    return UserError(
        request.words(
            "“{word}” is one too many: a briefing has one time, one zone and one asset. Subscribe once for each.",
            word=clip(word),
        ),
        example=EXAMPLE,
    )


def _which(
    request: Request, desk: Desk, rest: tuple[str, ...], assets: tuple[str, ...]
) -> tuple[str, str]:
    """The briefing and the asset among the words that name no time; else the first that the chat follows."""
    known = [b.name for b in desk.briefings if b.scheduled]
    name: str | None = None
    symbol: str | None = None
    for word in rest:
        if word.lower() in known:
            if name not in (None, word.lower()):
                raise _one_too_many(request, word)
            name = word.lower()
        elif len(found := desk.watchlist.find(word)) == 1:
            if symbol not in (None, found[0].symbol):
                raise _one_too_many(request, word)
            symbol = found[0].symbol
        elif (ahead := offset(word)) is not None:
            raise _no_place(request, desk, word, ahead)
        elif "/" in word:
            raise _no_zone(request, word)
        else:
            near = zones_like(word)
            hint = (
                request.words("Did you mean the zone {zones}?", zones=", ".join(near))
                if near
                else request.words("Briefings: {names}.", names=", ".join(known))
            )
            raise UserError(
                request.words(
                    "I do not understand “{word}” here. {hint}", word=clip(word), hint=hint
                ),
                example=EXAMPLE,
            )
    return name or known[0], symbol or (assets or (DEFAULT_ASSET,))[0]


def _no_place(request: Request, desk: Desk, word: str, ahead: timedelta) -> UserError:
    near = zones_at(ahead, desk.now()) or ("Europe/Berlin", "America/New_York")
    return UserError(
        request.words(
            "“{word}” knows no summer time. Name a city instead, for instance {near}.",
            word=clip(word),
            near=", ".join(near),
        ),
        example=f"/subscribe brief 08:00 {near[0]}",
    )


def _no_zone(request: Request, word: str) -> UserError:
    near = zones_like(word) or zones_like(word.rsplit("/", 1)[-1])
    return UserError(
        request.words(
            "I do not know the zone “{word}”. For instance: {near}",
            word=clip(word),
            near=", ".join(near) or "Europe/Berlin, America/New_York",
        ),
        example=EXAMPLE,
    )
