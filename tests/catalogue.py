"""
Which sentences the bot can say, and the catalogues that hold them in other languages.

`python -m tests.catalogue` writes what the code says now into every handlers/locale/<language>.po: new sentences come
in empty, those nobody says any more go. A new language is an empty file of that name, filled after that.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.help import help_command
from bot.languages import FOLDER
from bot.store import StoreDown
from bot.transports.discord_errors import REASONS
from bot.transports.discord_menus import MENUS
from handlers.briefings import BRIEFINGS
from handlers.commands import COMMANDS
from handlers.preferences import Severity
from providers.feed import NOT_LISTED

ROOT = Path(__file__).parents[1]
SPEAKERS = ("words", "spoken", "self.words", "request.words", "author.words")
IN_WORDS = ("self", "self.translate")  # what handlers/words.py calls itself
MOODS = (
    "Extreme Fear",
    "Fear",
    "Neutral",
    "Greed",
    "Extreme Greed",
)  # as alternative.me names them
UNITS = ("tn", "bn", "M", "k")
STATES = (
    "connected", "no token", "token refused", "removed from this chat",
    "not reachable", "cluster", "own Valkey", "none: one question only",
)  # fmt: skip


def said() -> dict[str, set[str]]:
    """Every sentence with the files it stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sources("handlers", "bot"):
        for call in calls(ast.parse(path.read_text(encoding="utf-8")), path):
            for sentence in literals(call.args[0]):
                found[sentence].add(_name(path))
    for sentence, place in registered():
        found[sentence].add(place)
    return dict(found)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST, path: Path) -> Iterator[ast.Call]:
    """Where words(…) or words.line(…) is asked for a sentence."""
    speakers = (*SPEAKERS, *IN_WORDS) if path.name == "words.py" else SPEAKERS
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            asked = ast.unparse(node.func).removesuffix(".line")
            if asked in speakers:
                yield node


def literals(node: ast.expr) -> tuple[str, ...]:
    """The sentence, or both of a conditional one."""
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.IfExp(body=one, orelse=other):
            return (*literals(one), *literals(other))
        case _:
            return ()


def registered() -> Iterator[tuple[str, str]]:
    """Sentences that are data where they are written and are looked up when they are shown."""
    for command in (*COMMANDS, help_command(COMMANDS)):
        yield command.group, "handlers/commands"
        yield command.summary, "handlers/commands"
        if command.fact:
            yield command.fact, "handlers/commands"
        options = list(command.options)
        for sub in command.subcommands:
            yield sub.summary, "handlers/commands"
            options += sub.options
        for option in options:
            yield option.description, "handlers/commands"
    yield from ((menu.name, "bot/transports/discord_menus.py") for menu in MENUS)
    for briefing in BRIEFINGS:
        yield briefing.title, "handlers/briefings"
        yield briefing.summary, "handlers/briefings"
    yield from ((severity.value, "handlers/preferences.py") for severity in Severity)
    yield from ((mood, "providers/alternative.py") for mood in MOODS)
    yield from ((unit, "handlers/words.py") for unit in UNITS)
    yield from ((state, "bot/health.py") for state in STATES)
    yield NOT_LISTED, "providers/feed.py"
    yield StoreDown().text, "bot/store.py"
    yield from ((reason, "bot/transports/discord_errors.py") for reason in REASONS.values())
    for path in sources("bot"):
        yield from ((reason, _name(path)) for reason in named(path, "DeliveryError"))
    for kind in named(ROOT / "providers/market.py", "self._fallback.first", "self._fallback.all"):
        yield kind.replace("_", " "), "providers/market.py"


def named(path: Path, *functions: str) -> Iterator[str]:
    """The literals that these are called with first."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in functions:
            yield from literals(node.args[0])


def languages() -> list[Path]:
    return sorted(FOLDER.glob("*.po"))


def update(path: Path) -> Catalog:
    template = Catalog()
    for sentence, places in sorted(said().items(), key=lambda item: (min(item[1]), item[0])):
        template.add(sentence, locations=[(place, 1) for place in sorted(places)])
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, ignore_obsolete=True, include_lineno=False)
    return catalog


def main() -> None:
    for path in languages():
        empty = [message.id for message in update(path) if message.id and not message.string]
        print(f"{path.name}: {len(empty)} without words")  # noqa: T201 -- a tool for the terminal
        for sentence in empty:
            print(f"  {sentence}")  # noqa: T201


if __name__ == "__main__":
    main()
