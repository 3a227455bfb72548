"""alternative.me: Fear & Greed."""

from datetime import date

import pytest

from providers.alternative import READS, Alternative
from providers.errors import BadPayload, Unavailable
from tests.fakes import Clock
from tests.providers.sources import Source, upstream


def day(value: str, label: str, timestamp: str) -> dict[str, str]:
    return {"value": value, "value_classification": label, "timestamp": timestamp}


async def test_days_are_told_newest_last(clock: Clock) -> None:
    source = Source(
        {
            "/fng/": {
                "data": [day("9", "Extreme Fear", "1898899200"), day("55", "Greed", "1898812800")]
            }
        }
    )

    before, now = (await Alternative(upstream(source, clock)).sentiment()).value

    assert (before.value, before.date) == (55, date(2030, 3, 4))
    assert (now.value, now.label, now.date) == (9, "Extreme Fear", date(2030, 3, 5))
    assert dict(source.asked[0].url.params) == {"limit": "0"}


def test_an_empty_list_is_no_answer() -> None:
    with pytest.raises(Unavailable):
        READS["sentiment"]('{"data": [], "metadata": {"error": null}}')


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"value": "900", "value_classification": "x", "timestamp": "1898899200"}]}',
        '{"data": [{"value": "", "value_classification": "x", "timestamp": "1898899200"}]}',
        '{"data": [{"value": "9", "value_classification": "x", "timestamp": "1e300"}]}',
        '{"data": null}',
    ],
)
def test_impossible_values_are_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        READS["sentiment"](text)
