from datetime import UTC, datetime, timedelta

import pytest

from handlers.preferences import Preferences, QuietHours, Severity
from handlers.quiet import held_until

NIGHT = QuietHours("22:00", "07:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2030-03-06T21:59", None),
        ("2030-03-06T22:00", "2030-03-07T07:00"),
        ("2030-03-07T06:59", "2030-03-07T07:00"),
        ("2030-03-07T07:00", None),
    ],
)
def test_a_night_over_midnight(now, until):
    held = held_until(Preferences(quiet=NIGHT), Severity.WARNING, utc(now))

    assert held == (until and utc(until))


def test_the_night_is_that_of_the_chat():
    chat = Preferences(quiet=NIGHT, zone="America/New_York")

    assert held_until(chat, Severity.INFO, utc("2030-03-06T04:00")) == utc("2030-03-06T12:00")


def test_what_is_critical_passes_unless_the_chat_chose_otherwise():
    now, strict = utc("2030-03-06T23:00"), QuietHours("22:00", "07:00", critical_passes=False)

    assert held_until(Preferences(quiet=NIGHT), Severity.CRITICAL, now) is None
    assert held_until(Preferences(quiet=strict), Severity.CRITICAL, now) is not None


def test_a_mute_ends_and_lets_what_is_critical_pass():
    now = utc("2030-03-06T12:00")
    muted = Preferences(muted_until=now + timedelta(hours=1))

    assert held_until(muted, Severity.WARNING, now) == muted.muted_until
    assert held_until(muted, Severity.CRITICAL, now) is None
    assert held_until(muted, Severity.WARNING, now + timedelta(hours=1)) is None


def test_equal_ends_are_never_quiet():
    assert (
        held_until(
            Preferences(quiet=QuietHours("08:00", "08:00")), Severity.INFO, utc("2030-03-06T08:00")
        )
        is None
    )
