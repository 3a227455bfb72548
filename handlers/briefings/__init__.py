"""What people subscribe to, and what a break is told with."""

from handlers.briefing import Briefing
from handlers.briefings import close, flash, morning, weekly

BRIEFINGS: tuple[Briefing, ...] = (
    morning.BRIEFING,
    close.BRIEFING,
    weekly.BRIEFING,
    flash.BRIEFING,
)


def briefing_named(name: str) -> Briefing:
    """The first for a name that is no longer kept: an old subscription still gets a briefing."""
    return next((one for one in BRIEFINGS if one.name == name), BRIEFINGS[0])
