"""Deribit's option chain as a table: one row per option, with `instrument_name` and `open_interest`."""

import csv
import io
from collections.abc import Sequence

from providers.deribit import VENUE, option_of
from providers.payload import each, figure
from providers.seen import Seen


def is_table(text: str) -> bool:
    """A first line that names both columns."""
    heading = text.lstrip("\ufeff").partition("\n")[0]
    return not heading.startswith(("{", "[")) and {"instrument_name", "open_interest"} <= {
        name.strip() for name in heading.split(",")
    }


def parse_table(text: str) -> Sequence[Seen]:
    """Each option with its series as symbol; what is no option is left out."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True)
    named = each(
        list(rows), lambda row: option_of(row["instrument_name"], figure(row["open_interest"]))
    )
    return [Seen(option, VENUE, series) for series, option in filter(None, named)]
