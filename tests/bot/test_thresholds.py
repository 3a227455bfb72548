"""The gate and the sorted lines say exactly what a plain loop over every rule would say."""

from hypothesis import given
from hypothesis import strategies as st

from bot.thresholds import Thresholds
from handlers.rule import Direction

WAY = (Direction.BELOW, Direction.ABOVE)
WAYS = st.sampled_from(WAY)
PRICES = st.integers(90, 110).map(float)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), PRICES),
        st.tuples(st.just("place"), st.integers(0, 8), WAYS, PRICES),
        st.tuples(st.just("both"), st.integers(0, 8), PRICES, PRICES),
        st.tuples(st.just("remove"), st.integers(0, 8)),
    ),
    max_size=80,
)


def reaches(direction: Direction, line: float, price: float) -> bool:
    return price <= line if direction is Direction.BELOW else price >= line


@given(ACTS)
def test_ticks_inserts_and_removals_agree_with_the_plain_loop(acts):
    fast, plain = Thresholds(), {}
    for act, *args in acts:
        if act == "tick":
            expected = {k for k, at in plain.items() if any(reaches(*one, args[0]) for one in at)}
            inside = fast.low < args[0] < fast.high
            assert not (inside and expected)
            assert set(fast.crossed(args[0])) == expected
            for key in expected:
                fast.remove(key)
                del plain[key]
        elif act == "remove":
            fast.remove(args[0])
            plain.pop(args[0], None)
        else:
            places = (
                ((args[1], args[2]),)
                if act == "place"
                else ((Direction.BELOW, args[1]), (Direction.ABOVE, args[2]))
            )
            fast.place(args[0], places)
            plain[args[0]] = places
        assert len(fast) == len(plain)


def test_bulk_loading_gives_the_same_as_placing_one_by_one():
    places = [(n, ((Direction.BELOW, 100.0 - n),)) for n in range(50)]
    bulk, single = Thresholds(places), Thresholds()
    for key, place in places:
        single.place(key, place)

    assert set(bulk.crossed(80.0)) == set(single.crossed(80.0)) == set(range(21))


@given(st.lists(st.floats(1, 10_000), min_size=300, max_size=600), st.data())
def test_what_lies_far_from_the_price_comes_near_in_order(lines, data):
    """More lines than lie ready: those behind them ring too, none early and none late."""
    fast = Thresholds((n, ((WAY[n % 2], line),)) for n, line in enumerate(lines))
    waiting = dict(enumerate(lines))
    for price in data.draw(st.lists(st.floats(1, 10_000), max_size=5)):
        expected = {n for n, line in waiting.items() if reaches(WAY[n % 2], line, price)}
        assert set(fast.crossed(price)) == expected
        for n in list(expected)[::2]:
            fast.place(n, ((WAY[n % 2], lines[n] / 2 if n % 2 == 0 else lines[n] * 2),))
            waiting[n] = lines[n] / 2 if n % 2 == 0 else lines[n] * 2
        for n in list(expected)[1::2]:
            fast.remove(n)
            del waiting[n]
