"""Alerts of one rule that leave at once."""

from datetime import timedelta

import pytest

from handlers.rule import Alert, Transition
from handlers.together import together
from tests.fakes import START

FIRED, AGAIN, RESOLVED, EXPIRED, NO_DATA, ERROR = Transition


def row(*what: Transition) -> list[Alert]:
    """One a minute; the value is its number."""
    return [
        Alert("7", one, float(n), START + timedelta(minutes=n), "venue")
        for n, one in enumerate(what)
    ]


@pytest.mark.parametrize(
    ("happened", "tells", "value", "then"),
    [
        ((FIRED, RESOLVED), FIRED, 0.0, [RESOLVED]),
        ((FIRED, NO_DATA), FIRED, 0.0, [NO_DATA]),
        ((FIRED, ERROR), FIRED, 0.0, [ERROR]),
        ((FIRED, RESOLVED, EXPIRED), FIRED, 0.0, [RESOLVED, EXPIRED]),
        ((FIRED, RESOLVED, AGAIN), FIRED, 2.0, []),
        ((FIRED, NO_DATA, RESOLVED), FIRED, 0.0, [RESOLVED]),
        ((RESOLVED, FIRED, EXPIRED), FIRED, 1.0, [EXPIRED]),
        ((AGAIN, EXPIRED), AGAIN, 0.0, [EXPIRED]),
        ((AGAIN, RESOLVED), RESOLVED, 1.0, []),
        ((RESOLVED, EXPIRED), EXPIRED, 1.0, []),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_a_fire_is_never_lost_to_what_became_of_it(happened, tells, value, then):
    told = together(row(*happened))

    assert (told.transition, told.value) == (tells, value)
    assert [end.transition for end in told.then] == then
