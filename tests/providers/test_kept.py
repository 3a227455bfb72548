"""What a process holds of a source's answers."""

from datetime import timedelta

import pytest

from providers.cache import FOREVER, Page
from providers.kept import HEAVY, HEAVY_LAST, MOST, MOST_LAST, Answers, Kept, LastSaid
from providers.types import Reading
from tests.fakes import Clock

HOUR = timedelta(hours=1)


@pytest.fixture
def answers() -> Answers:
    return Answers()


def kept(clock: Clock, size: int = 1, keep: timedelta = HOUR) -> Kept[str]:
    return Kept(Reading("bars", "here", clock()), Page("", clock()), size, keep)


def test_what_may_not_be_given_any_more_is_not_held(clock: Clock, answers: Answers) -> None:
    answers.put("bars of noon", kept(clock), clock())
    answers.put("bars of 2017", kept(clock, keep=FOREVER), clock())
    clock.advance(hours=1)
    answers.put("bars of one", kept(clock), clock())

    assert answers.get("bars of noon") is None
    assert answers.get("bars of 2017") is not None
    assert len(answers) == 2


def test_of_too_many_the_oldest_go(clock: Clock, answers: Answers) -> None:
    for number in range(MOST):
        answers.put(number, kept(clock), clock())
    answers.put(0, kept(clock), clock())  # asked again: the newest now
    answers.put("one more", kept(clock), clock())

    assert len(answers) == MOST
    assert answers.get(0) is not None
    assert answers.get(1) is None


def test_of_too_much_the_oldest_go_and_the_last_always_stays(
    clock: Clock, answers: Answers
) -> None:
    third = HEAVY // 3
    for number in range(4):
        answers.put(number, kept(clock, third), clock())
    assert [answers.get(n) is None for n in range(4)] == [True, False, False, False]

    answers.put("all of it", kept(clock, HEAVY + 1), clock())
    assert len(answers) == 1
    assert answers.get("all of it") is not None


def said(clock: Clock, bars: int = 1) -> Reading[tuple[int, ...]]:
    return Reading(tuple(range(bars)), "here", clock())


def test_of_too_many_last_words_those_of_longest_ago_go(clock: Clock) -> None:
    last = LastSaid()
    for number in range(MOST_LAST):
        last.put(number, said(clock))
    newer = said(clock)
    last.put(0, newer)  # asked again: the newest now
    last.put("one more", said(clock))

    assert len(last) == MOST_LAST
    assert last.get(0) is newer
    assert last.get(1) is None


def test_a_question_that_grows_by_the_hour_does_not_fill_the_memory(clock: Clock) -> None:
    last = LastSaid()
    for hours in range(2000, 2400):
        last.put(("candles", "BTC", hours), said(clock, hours))
    held = [hours for hours in range(2000, 2400) if last.get(("candles", "BTC", hours))]

    assert sum(held) <= HEAVY_LAST
    assert held == list(range(2400 - len(held), 2400))

    for _ in range(3):  # what is replaced weighs nothing any more
        last.put("same", said(clock, HEAVY_LAST - 1))
    last.put("other", said(clock))
    assert len(last) == 2
