"""Bytes become text by what is said of them."""

import pytest

from providers.charset import text_of

DECLARED = '<?xml version="1.0" encoding="ISO-8859-1"?><a>ö</a>'


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(DECLARED.encode("latin-1"), None, id="by its declaration"),
        pytest.param(DECLARED.encode(), "utf-8", id="the header before the declaration"),
        pytest.param(DECLARED.encode("utf-16"), "utf-8", id="a mark before the header"),
        pytest.param(DECLARED.encode("latin-1"), "no-such", id="an unknown word says nothing"),
        pytest.param(DECLARED.encode("latin-1"), "punycode", id="nor does what is no alphabet"),
    ],
)
def test_a_mark_comes_before_the_header_and_the_header_before_a_declaration(
    body: bytes, header: str | None
) -> None:
    assert text_of(body, header) == DECLARED


def test_what_does_not_fit_is_replaced_or_refused_when_strict() -> None:
    assert text_of(b"\xff") == "\N{REPLACEMENT CHARACTER}"
    with pytest.raises(UnicodeDecodeError):
        text_of(b"\xff", strict=True)
