"""/settings: one panel edited in place; everything in it is also a command."""

from handlers.arguments import clip
from handlers.command import (
    ChannelKind,
    Command,
    Option,
    OptionKind,
    Request,
    Right,
    Subcommand,
    UserError,
)
from handlers.desk import Desk
from handlers.preferences import Preferences, Severity
from handlers.quiet import changed
from handlers.quoted import CURRENCIES
from handlers.reply import Button, Control, Line, Reply, Text, text
from handlers.settings_changes import CHANGES
from handlers.settings_pages import PAGES, language_name, quiet_words

ONOFF = ("on", "off")


async def settings(request: Request, desk: Desk) -> Reply:
    preferences = await desk.notebook.preferences(request.channel)
    if not request.args or request.args[0].lower() == "show":
        return await panel(request, desk, preferences)
    page, rest = request.args[0].lower(), request.args[1:]
    change = CHANGES.get(page)
    if change is None:
        known = ", ".join(CHANGES)
        raise UserError(
            request.words(
                "There is no setting “{name}”. There are: {known}.", name=clip(page), known=known
            ),
            example="/settings zone Europe/Berlin",
        )
    if not rest:
        return PAGES[page](request.words, desk, preferences)
    after = changed(preferences, await change(request, desk, preferences, rest), desk.now())
    await desk.notebook.set_preferences(request.channel, after)
    return await panel(request, desk, after, saved=True)


async def panel(
    request: Request, desk: Desk, preferences: Preferences, *, saved: bool = False
) -> Reply:
    words = request.words
    rules = await desk.notebook.rules(request.channel)
    subscriptions = await desk.notebook.subscriptions(request.channel)
    lines: list[Line] = [
        (
            words(
                "Subscriptions: {n}, alerts: {rules}",
                n=len(subscriptions),
                rules=len(rules),
            ),
        ),
        (words("Quiet hours: {quiet}", quiet=quiet_words(words, preferences.quiet)),),
        (words("Rings from: {severity}", severity=words(preferences.rings_from.value)),),
        (words("Zone: {zone}", zone=preferences.zone or str(words.zone)),),
        (
            words(
                "Language: {language}", language=language_name(preferences.language or words.locale)
            ),
        ),
        (words("Assets: {assets}", assets=", ".join(preferences.assets)),),
        (words("Currency: {currency}", currency=preferences.currency),),
        (
            words(
                "Charts: {look}", look=words("dark") if preferences.dark_charts else words("light")
            ),
        ),
    ]
    if preferences.muted_until and preferences.muted_until > desk.now():
        lines.append(
            words.line("Muted until {until}", until=words.moment(preferences.muted_until, "f"))
        )
    if preferences.paused_because:
        lines.append((words("Paused: {why}", why=words(preferences.paused_because)),))
    blocks = [Text(tuple(lines))]
    if saved:
        blocks.insert(0, text(words("Saved. This is now true:")))
    return Reply(
        words("Settings of this chat"),
        tuple(blocks),
        controls=_rows(request),
        private=True,
        quiet=True,
    )


def _rows(request: Request) -> tuple[tuple[Control, ...], ...]:
    words = request.words
    return (
        (
            Button(words("Briefings"), "subscribe list", edits=False),
            Button(words("Alerts"), "alert list", edits=False),
            Button(words("Send a test"), "subscribe test", edits=False),
        ),
        (
            Button(words("Quiet hours"), "settings quiet"),
            Button(words("What rings"), "settings rings"),
            Button(words("Assets"), "settings assets"),
        ),
        (
            Button(words("Zone"), "settings zone"),
            Button(words("Language"), "settings language"),
            Button(words("Charts"), "settings charts"),
        ),
        (
            Button(words("Currency"), "settings currency"),
            *_of_the_platform(request),
            Button(words("Data and privacy"), "privacy", edits=False),
        ),
    )


def _of_the_platform(request: Request) -> tuple[Control, ...]:
    """What only a Discord server has: a role that may manage, and a channel that others follow."""
    if request.channel.platform != "discord" or request.kind is ChannelKind.PRIVATE:
        return ()
    words, role = request.words, Button(request.words("Role"), "settings role")
    if request.kind is not ChannelKind.BROADCAST:
        return (role,)
    return (role, Button(words("Publish"), "settings publish"))


def _sub(
    name: str,
    summary: str,
    description: str,
    choices: tuple[str, ...] = (),
    kind: OptionKind = OptionKind.TEXT,
) -> Subcommand:
    return Subcommand(name, summary, (Option("value", description, kind, choices=choices),))


COMMAND = Command(
    "settings",
    "/settings [NAME VALUE]",
    "Quiet hours, zone, language and more",
    settings,
    group="Sent to you",
    subcommands=(
        Subcommand("show", "The panel"),
        _sub("quiet", "Quiet hours", "22:00 07:00 or off"),
        _sub("critical", "Whether critical alerts pass quiet hours", "on or off", ONOFF),
        _sub("rings", "What makes a sound", "info, warning or critical", tuple(Severity)),
        _sub("zone", "Time zone", "Europe/Berlin", kind=OptionKind.ZONE),
        _sub("language", "Language", "en, de …", kind=OptionKind.LANGUAGE),
        _sub("assets", "What briefings speak of", "btc eth"),
        _sub("currency", "Currency of prices beside dollars", "usd, eur …", CURRENCIES),
        _sub("charts", "Look of charts", "dark or light", ("dark", "light")),
        _sub("publish", "Publish briefings", "on or off", ONOFF),
        _sub(
            "role",
            "Role that may change settings",
            "the role; @everyone for none",
            kind=OptionKind.ROLE,
        ),
    ),
    examples=(
        "/settings",
        "/settings quiet 22:00 07:00",
        "/settings zone Europe/Berlin",
        "/settings currency eur",
    ),
    right=Right.ADMIN,
    private=True,
    elsewhere=True,
)
