"""/settings: one panel edited in place; everything in it is also a command."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from babel import Locale
from msgspec.structs import replace

from handlers.arguments import clip
from handlers.command import Command, Option, OptionKind, Request, Right, Subcommand, UserError
from handlers.desk import Desk
from handlers.preferences import Preferences, QuietHours, Severity
from handlers.reply import Button, Choice, Code, Control, Line, Prompt, Reply, Select, Text, text
from handlers.when import clock, zone_named, zones_like
from handlers.words import Words

BACK = "settings"
Change = Callable[[Request, Desk, Preferences, tuple[str, ...]], Awaitable[Preferences]]
ZONES = (
    "UTC", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
    "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


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
    changed = await change(request, desk, preferences, rest)
    await desk.notebook.set_preferences(request.channel, changed)
    return await panel(request, desk, changed, saved=True)


async def panel(
    request: Request, desk: Desk, preferences: Preferences, *, saved: bool = False
) -> Reply:
    words = request.words
    rules = await desk.notebook.rules(request.channel)
    subscriptions = await desk.notebook.subscriptions(request.channel)
    lines: list[Line] = [
        (
            words(
                "Sent here: {n} subscriptions, {rules} alerts",
                n=len(subscriptions),
                rules=len(rules),
            ),
        ),
        (words("Quiet hours: {quiet}", quiet=_quiet_words(words, preferences.quiet)),),
        (words("Rings from: {severity}", severity=words(preferences.rings_from.value)),),
        (words("Zone: {zone}", zone=preferences.zone or str(words.zone)),),
        (words("Language: {language}", language=_language(preferences.language or words.locale)),),
        (words("Assets: {assets}", assets=", ".join(preferences.assets)),),
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
        controls=_rows(words),
        private=True,
        quiet=True,
    )


def _rows(words: Words) -> tuple[tuple[Control, ...], ...]:
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
        (Button(words("Data and privacy"), "privacy", edits=False),),
    )


def _page(
    words: Words,
    name: str,
    note: str,
    example: str,
    *controls: Control,
    select: Select | None = None,
) -> Reply:
    line = words.line("Or type: {example}", example=Code(example))
    back = Button(words("‹ Back"), BACK)
    return Reply(
        words("Settings › {name}", name=name),
        (text(note, line),),
        controls=_controls(controls, back),
        selects=(select,) if select else (),
        private=True,
        quiet=True,
    )


def _controls(controls: tuple[Control, ...], back: Control) -> tuple[tuple[Control, ...], ...]:
    rows = tuple(controls[i : i + 3] for i in range(0, len(controls), 3))
    return (*rows, (back,))


def _quiet_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    note = words(
        "Now: {quiet}. Critical alerts pass, the rest arrives as one message when the quiet ends.",
        quiet=_quiet_words(words, preferences.quiet),
    )
    ask = Prompt(
        words("Other hours"),
        words("Quiet hours"),
        words("From and to, like 22:00 07:00"),
        "settings quiet {answer}",
        "22:00 07:00",
    )
    return _page(
        words, words("Quiet hours"), note, "/settings quiet 22:00 07:00",
        Button("22:00 – 07:00", "settings quiet 22:00 07:00"), Button("23:00 – 08:00", "settings quiet 23:00 08:00"),
        Button(words("Off"), "settings quiet off"), ask,
    )  # fmt: skip


def _rings_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    note = words(
        "What is below this arrives without a sound. Now: {severity}.",
        severity=words(preferences.rings_from.value),
    )
    buttons = (Button(words(s.value), f"settings rings {s.value}") for s in Severity)
    return _page(words, words("What rings"), note, "/settings rings critical", *buttons)


def _zone_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    now = preferences.zone or str(words.zone)
    select = Select(
        words("Choose a zone"), tuple(Choice(z, f"settings zone {z}", z == now) for z in ZONES)
    )
    ask = Prompt(
        words("Another zone"),
        words("Zone"),
        words("A city or zone"),
        "settings zone {answer}",
        "Europe/Berlin",
    )
    return _page(
        words,
        words("Zone"),
        words("Times are shown and scheduled in {zone}.", zone=now),
        "/settings zone Europe/Berlin",
        ask,
        select=select,
    )


def _language_page(words: Words, desk: Desk, preferences: Preferences) -> Reply:
    note = words("Now: {language}.", language=_language(preferences.language or words.locale))
    buttons = (Button(_language(code), f"settings language {code}") for code in desk.languages)
    return _page(words, words("Language"), note, "/settings language en", *buttons)


def _assets_page(words: Words, desk: Desk, preferences: Preferences) -> Reply:
    note = words("Briefings of this chat speak of {assets}.", assets=", ".join(preferences.assets))
    known = [a.symbol for a in desk.watchlist.assets[:9]]
    buttons = (Button(s, f"settings assets {s}") for s in known)
    return _page(words, words("Assets"), note, "/settings assets btc eth", *buttons)


def _charts_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    look = words("dark") if preferences.dark_charts else words("light")
    return _page(
        words, words("Charts"), words("Now: {look}.", look=look), "/settings charts light",
        Button(words("Dark"), "settings charts dark"), Button(words("Light"), "settings charts light"),
    )  # fmt: skip


def _publish_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    now = words("on") if preferences.publish_briefings else words("off")
    note = words(
        "In a Discord announcement channel, briefings can be published to its followers. Now: {now}.",
        now=now,
    )
    return _page(
        words, words("Publish"), note, "/settings publish on",
        Button(words("On"), "settings publish on"), Button(words("Off"), "settings publish off"),
    )  # fmt: skip


def _role_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    note = words(
        "On Discord, members with this role may change settings too. Now: {role}.",
        role=preferences.manager_role or "–",
    )
    return _page(
        words,
        words("Role"),
        note,
        "/settings role 123456789",
        Button(words("None"), "settings role off"),
    )


async def _set_quiet(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    if rest[0].lower() in ("off", "none"):
        return replace(now, quiet=None)
    times = [t for word in rest for part in word.split("-") if (t := clock(part))]
    if len(times) != 2 or times[0] == times[1]:
        raise UserError(
            request.words("Quiet hours need a start and an end."),
            example="/settings quiet 22:00 07:00",
        )
    return replace(
        now,
        quiet=QuietHours(times[0], times[1], "all" not in rest),
        zone=now.zone or str(request.words.zone),
    )


async def _set_rings(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    try:
        return replace(now, rings_from=Severity(rest[0].lower()))
    except ValueError:
        raise UserError(
            request.words("Choose info, warning or critical."), example="/settings rings critical"
        ) from None


async def _set_zone(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    word = "_".join(rest)
    zone = zone_named(word)
    if zone is None:
        near = ", ".join(zones_like(word)) or "Europe/Berlin, America/New_York"
        raise UserError(
            request.words(
                "I do not know the zone “{word}”. For instance: {near}", word=clip(word), near=near
            ),
            example="/settings zone Europe/Berlin",
        )
    return replace(now, zone=ZoneInfo(zone).key)


async def _set_language(
    request: Request, desk: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    code = rest[0].lower()
    if code not in desk.languages:
        raise UserError(
            request.words("I speak {languages}.", languages=", ".join(desk.languages)),
            example="/settings language en",
        )
    return replace(now, language=code)


async def _set_assets(
    request: Request, desk: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    found = [desk.watchlist.find(word.strip(",")) for word in rest]
    if any(len(f) != 1 for f in found):
        known = ", ".join(a.symbol for a in desk.watchlist.assets)
        raise UserError(
            request.words("I follow {known}.", known=known), example="/settings assets btc eth"
        )
    return replace(now, assets=tuple(dict.fromkeys(f[0].symbol for f in found)))


async def _set_charts(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    if rest[0].lower() not in ("dark", "light"):
        raise UserError(
            request.words("Charts are dark or light."), example="/settings charts light"
        )
    return replace(now, dark_charts=rest[0].lower() == "dark")


async def _set_publish(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    if rest[0].lower() not in ("on", "off"):
        raise UserError(request.words("Publishing is on or off."), example="/settings publish on")
    return replace(now, publish_briefings=rest[0].lower() == "on")


async def _set_role(
    request: Request, _: Desk, now: Preferences, rest: tuple[str, ...]
) -> Preferences:
    role = rest[0].strip("<@&>")
    if rest[0].lower() == "off":
        return replace(now, manager_role=None)
    if not role.isdigit():
        raise UserError(
            request.words("Name the role by its number."), example="/settings role 123456789"
        )
    return replace(now, manager_role=role)


def _quiet_words(words: Words, quiet: QuietHours | None) -> str:
    return words("none") if quiet is None else f"{quiet.start} – {quiet.end}"


def _language(code: str) -> str:
    return str(Locale.parse(code).get_display_name() or code)


PAGES: dict[str, Callable[[Words, Desk, Preferences], Reply]] = {
    "quiet": _quiet_page,
    "rings": _rings_page,
    "zone": _zone_page,
    "language": _language_page,
    "assets": _assets_page,
    "charts": _charts_page,
    "publish": _publish_page,
    "role": _role_page,
}
CHANGES: dict[str, Change] = {
    "quiet": _set_quiet,
    "rings": _set_rings,
    "zone": _set_zone,
    "language": _set_language,
    "assets": _set_assets,
    "charts": _set_charts,
    "publish": _set_publish,
    "role": _set_role,
}


def _sub(name: str, summary: str, description: str) -> Subcommand:
    return Subcommand(name, summary, (Option("value", description, OptionKind.TEXT),))


COMMAND = Command(
    "settings",
    "/settings [NAME VALUE]",
    "Quiet hours, zone, language and more",
    settings,
    group="Sent to you",
    subcommands=(
        Subcommand("show", "The panel"),
        _sub("quiet", "Quiet hours", "22:00 07:00 or off"),
        _sub("rings", "What makes a sound", "info, warning or critical"),
        _sub("zone", "Time zone", "Europe/Berlin"),
        _sub("language", "Language", "en, de …"),
        _sub("assets", "What briefings speak of", "btc eth"),
        _sub("charts", "Look of charts", "dark or light"),
        _sub("publish", "Publish briefings", "on or off"),
        _sub("role", "Role that may change settings", "number of the role, or off"),
    ),
    examples=("/settings", "/settings quiet 22:00 07:00", "/settings zone Europe/Berlin"),
    right=Right.ADMIN,
    private=True,
)
