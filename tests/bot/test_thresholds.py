"""The gate and the sorted lines say exactly what a plain loop over every rule would say."""

from hypothesis import given
from hypothesis import strategies as st

from bot.thresholds import Thresholds
from handlers.rule import Direction

WAYS = st.sampled_from([Direction.BELOW, Direction.ABOVE])
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
            plain = {k: at for k, at in plain.items() if k not in expected}
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
