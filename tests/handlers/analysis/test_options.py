"""Max pain, per expiry."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.options import expiries, max_pain
from providers.types import OptionInterest, OptionKind

NEAR, FAR = date(2030, 3, 8), date(2030, 3, 29)
CALL, PUT = OptionKind.CALL, OptionKind.PUT


def option(strike, kind, interest, expiry=NEAR):
    return OptionInterest(expiry, strike, kind, interest)


def test_the_strike_that_pays_least():
    chain = [option(80, CALL, 1), option(90, CALL, 5), option(100, PUT, 3), option(90, PUT, 2)]

    assert max_pain(chain) == 90


def test_of_equals_the_lowest():
    assert max_pain([option(80, PUT, 1), option(70, CALL, 1), option(75, CALL, 0)]) == 70


def test_nobody_holding_anything_has_no_pain():
    assert max_pain([]) is None
    assert max_pain([option(80, CALL, 0.0)]) is None


def test_expiries_apart_and_past_ones_gone():
    chain = [option(80, CALL, 2), option(80, PUT, 1), option(50, PUT, 1, FAR)]

    near, far = expiries(chain, NEAR)
    assert (near.max_pain, near.put_call, near.calls_oi, near.puts_oi) == (80, 0.5, 2, 1)
    assert (far.expiry, far.put_call) == (FAR, None)
    assert [e.expiry for e in expiries(chain, date(2030, 3, 9))] == [FAR]


@given(
    st.lists(
        st.builds(option, st.integers(1, 99), st.sampled_from(OptionKind), st.floats(0, 1e5)),
        max_size=30,
    )
)
def test_max_pain_is_a_listed_strike(chain):
    found = max_pain(chain)

    assert found is None or found in {o.strike for o in chain}
