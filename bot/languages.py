"""Catalogues of translated sentences, read once; which language and zone a chat reads in."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.messages.pofile import read_po

from handlers.preferences import Preferences
from handlers.words import Translate, Words

FOLDER = Path(__file__).parents[1] / "handlers" / "locale"


class Languages:
    """English is in the code; every folder beside it holds one more language."""

    def __init__(self, *, default: str, zone: str, folder: Path = FOLDER) -> None:
        self._default = default
        self._zone = ZoneInfo(zone)
        self._catalogues = {path.stem: _catalogue(path) for path in sorted(folder.glob("*.po"))}

    @property
    def known(self) -> tuple[str, ...]:
        return ("en", *self._catalogues)

    def words(self, preferences: Preferences, client: str | None = None) -> Words:
        """The chat's own choice, else what the asker's app speaks, else the deployment's default."""
        language = self.nearest(preferences.language or client)
        return Words(language, self._zone_of(preferences), self.translate(language))

    def nearest(self, language: str | None) -> str:
        short = (language or self._default).replace("_", "-").split("-")[0].lower()
        return short if short in self.known else "en"

    def translate(self, language: str) -> Translate:
        catalogue = self._catalogues.get(language, {})

        def look_up(message: str) -> str:
            return catalogue.get(message, message)

        return look_up

    def _zone_of(self, preferences: Preferences) -> ZoneInfo:
        try:
            return ZoneInfo(preferences.zone) if preferences.zone else self._zone
        except (ZoneInfoNotFoundError, ValueError):
            return self._zone


def _catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        messages = read_po(file)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}
