"""Small stand-ins for the world outside, obeying the real Protocols. Each has at most one knob."""

from datetime import UTC, datetime, timedelta

START = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that is told the time."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time
