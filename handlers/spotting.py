"""Which of our assets a text speaks of. The text is somebody else's: it is looked at and nothing in it is obeyed."""

import re
from collections.abc import Iterator

from config.watchlist import Asset, Watchlist

LONGEST = 6000  # characters that are looked at
MOST = 5
_WORD = re.compile(r"\$?[^\W_]+")


def spotted(text: str, watchlist: Watchlist) -> tuple[Asset, ...]:
    """In the order in which they are named, at most five; “link” and “sol” in running words are no coins."""
    return tuple(dict.fromkeys(_named(text[:LONGEST], watchlist)))[:MOST]


def _named(text: str, watchlist: Watchlist) -> Iterator[Asset]:
    for word in _WORD.findall(text):
        found = watchlist.find(word)
        if len(found) == 1 and (_is_ticker(word) or word.casefold() == found[0].name.casefold()):
            yield found[0]


def _is_ticker(word: str) -> bool:
    return word.startswith("$") or word.isupper()
