"""What a chat's own silence does to what we owe it: held until its end, and not late for that."""

from datetime import datetime, timedelta

import msgspec

from bot.owed import Owed, OwedKind
from handlers.preferences import Preferences
from handlers.quiet import awake_until, held_until


def held(owed: Owed, preferences: Preferences, now: datetime) -> datetime | None:
    """Until when the chat wants it to wait; None: not at all."""
    return held_until(_that_hold(owed, preferences), owed.severity, now)


def late(owed: Owed, preferences: Preferences, now: datetime) -> bool:
    if owed.expires is None:
        return False
    return older(owed, owed.expires - owed.at, preferences, now)


def older(owed: Owed, age: timedelta, preferences: Preferences, now: datetime) -> bool:
    """Whether the chat could have been told for longer than this."""
    return awake_until(_that_hold(owed, preferences), owed.severity, owed.at, age) < now


def _that_hold(owed: Owed, preferences: Preferences) -> Preferences:
    """A briefing was asked for at its minute, so quiet hours do not hold it; a mute does."""
    if owed.kind is OwedKind.BRIEFING:
        return msgspec.structs.replace(preferences, quiet=None)
    return preferences
