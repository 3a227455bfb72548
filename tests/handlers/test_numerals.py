"""Numbers as people type them are read as what they mean, or asked about."""

import contextlib

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from handlers.command import UserError
from handlers.numerals import plain_numbers, tied
from handlers.words import Words

W = Words()


def read(text: str) -> str:
    return plain_numbers(tied(text), W, example="/alert add btc 70k")


@given(
    st.decimals(0, "99999999", places=2),
    st.sampled_from(["#,##0.##", "#,##0.00", "0.00", "#,##0"]),
    st.sampled_from(["en", "de", "fr", "es", "de_CH", "pt_BR", "en_IN"]),
)
def test_a_number_written_in_any_language_is_never_read_as_another(value, pattern, locale):
    """Whole thousands of a language that writes them with a point are asked about."""
    shown = format_decimal(value, pattern, locale=locale)
    meant = format_decimal(value, pattern.replace("#,##", ""), locale="en")
    with contextlib.suppress(UserError):
        assert float(read(shown)) == float(meant)


@given(
    st.lists(st.decimals("0.01", "99999", places=2), min_size=2, max_size=4),
    st.sampled_from(["0.##", "0.00", "#,##0.00"]),
    st.sampled_from(["en", "de"]),
)
def test_a_list_is_kept_apart_by_a_comma_and_a_space(values, pattern, locale):
    shown = ", ".join(format_decimal(value, pattern, locale=locale) for value in values)

    assert [float(n) for n in read(shown).split(", ")] == [float(value) for value in values]


@pytest.mark.parametrize("text", ["31.12.2031", "2031-12-31", "18:00", "1h", "0,5", "95,50"])
def test_dates_and_times_are_left_alone(text):
    assert read(text) == text.replace(",", ".")
