"""The demo world's own time: it runs on from where the last demo stopped, at any speed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

LEAD = timedelta(seconds=25)  # so long before a full hour a demo begins: an hour closes in it


class WorldClock:
    """Call it for the time. `save` remembers how far the world has come."""

    def __init__(self, start: datetime, *, speed: float = 1.0, file: Path | None = None) -> None:
        self.start = start
        self.speed = speed
        self._file = file
        self._began = time.monotonic()

    @classmethod
    def resume(
        cls, folder: Path, first: datetime, *, speed: float, lead: timedelta = LEAD
    ) -> "WorldClock":
        """Begin at `first`, or shortly before the first full hour after the last demo's end."""
        file = folder / "clock"
        start = first
        if file.exists():
            start = next_hour(datetime.fromisoformat(file.read_text("utf-8").strip())) - lead
        return cls(max(start, first), speed=speed, file=file)

    def __call__(self) -> datetime:
        passed = (time.monotonic() - self._began) * self.speed
        return self.start + timedelta(seconds=passed)

    def save(self) -> None:
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self().isoformat(), "utf-8")


def next_hour(at: datetime) -> datetime:
    """The first full hour that is at least a lead away."""
    later = at.astimezone(UTC) + LEAD
    return later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


Now = Callable[[], datetime]
