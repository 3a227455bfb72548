"""Catalogues of translated sentences, read once; which language and zone a chat reads in."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.messages.pofile import read_po

from handlers.preferences import Preferences
from handlers.words import Translate, Words

FOLDER = Path(__file__).parents[1] / "handlers" / "locale"


class Languages:
    """English is in the code; every catalogue in the folder holds one more language."""

    def __init__(self, *, default: str, zone: str, folder: Path = FOLDER) -> None:
        self._default = default
        self._zone = ZoneInfo(zone)
        self._catalogues = {path.stem: _catalogue(path) for path in sorted(folder.glob("*.po"))}
        # One each, so that the words of two chats which read alike are equal.
        self._translators = {known: _translator(self.catalogue(known)) for known in self.known}

    @property
    def known(self) -> tuple[str, ...]:
        return ("en", *self._catalogues)

    def words(self, preferences: Preferences, client: str | None = None) -> Words:
        """The chat's own choice, else what the asker's app speaks, else the deployment's default."""
        language = self.nearest(preferences.language or client)
        return Words(
            language, self._zone_of(preferences), self.translate(language), preferences.currency
        )

    def nearest(self, language: str | None) -> str:
        asked = (_short(one) for one in (language, self._default) if one)
        return next((short for short in asked if short in self.known), "en")

    def catalogue(self, language: str) -> Mapping[str, str]:
        """Each English sentence with its translation; English has none."""
        return self._catalogues.get(language, {})

    def translate(self, language: str) -> Translate:
        return self._translators.get(language, self._translators["en"])

    def _zone_of(self, preferences: Preferences) -> ZoneInfo:
        try:
            return ZoneInfo(preferences.zone) if preferences.zone else self._zone
        except (ZoneInfoNotFoundError, ValueError):
            return self._zone


@cache
def words_in(language: str) -> Words:
    """For a picture, which knows its language and no chat: always in UTC."""
    path = FOLDER / f"{language}.po"
    return Words(language, translate=_translator(_catalogue(path) if path.is_file() else {}))


def _translator(catalogue: Mapping[str, str]) -> Translate:
    def look_up(message: str) -> str:
        return catalogue.get(message, message)

    return look_up


def _short(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        messages = read_po(file)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}
