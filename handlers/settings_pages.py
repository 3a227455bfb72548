"""The pages of the settings panel: what is chosen now, and one press to choose otherwise."""

from collections.abc import Callable

from babel import Locale

from handlers.desk import Desk
from handlers.preferences import Preferences, QuietHours, Severity
from handlers.quoted import CURRENCIES
from handlers.reply import (
    Button,
    Choice,
    Code,
    Control,
    Line,
    Prompt,
    Reply,
    Role,
    Select,
    text,
)
from handlers.words import Words

BACK = "settings"
ZONES = (
    "UTC", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
    "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


def quiet_words(words: Words, quiet: QuietHours | None) -> str:
    if quiet is None:
        return words("none")
    hours = f"{quiet.start} – {quiet.end}"
    if quiet.critical_passes:
        return words("{hours}, critical alerts pass", hours=hours)
    return words("{hours}, critical alerts wait too", hours=hours)


def language_name(code: str) -> str:
    return str(Locale.parse(code).get_display_name() or code)


def _page(
    words: Words,
    name: str,
    note: str | Line,
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
        "Now: {quiet}. What waits arrives as one message when the quiet ends.",
        quiet=quiet_words(words, preferences.quiet),
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
        Button(words("Off"), "settings quiet off"), ask, *_critical_switch(words, preferences.quiet),
    )  # fmt: skip


def _critical_switch(words: Words, quiet: QuietHours | None) -> tuple[Button, ...]:
    if quiet is None:
        return ()
    if quiet.critical_passes:
        return (Button(words("Let critical wait too"), "settings critical off"),)
    return (Button(words("Let critical pass"), "settings critical on"),)


def _critical_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    note = words("Quiet hours now: {quiet}.", quiet=quiet_words(words, preferences.quiet))
    return _page(
        words, words("Critical alerts"), note, "/settings critical off",
        *(_critical_switch(words, preferences.quiet) or (Button(words("Quiet hours"), "settings quiet"),)),
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
    note = words("Now: {language}.", language=language_name(preferences.language or words.locale))
    buttons = (Button(language_name(code), f"settings language {code}") for code in desk.languages)
    return _page(words, words("Language"), note, "/settings language en", *buttons)


def _assets_page(words: Words, desk: Desk, preferences: Preferences) -> Reply:
    note = words("Briefings of this chat speak of {assets}.", assets=", ".join(preferences.assets))
    known = [a.symbol for a in desk.watchlist.assets[:9]]
    buttons = (Button(s, f"settings assets {s}") for s in known)
    return _page(words, words("Assets"), note, "/settings assets btc eth", *buttons)


def _currency_page(words: Words, _: Desk, preferences: Preferences) -> Reply:
    """What it changes, and what it does not."""
    note = words(
        "Now: {currency}. Prices are told in dollars; /price, briefings and alerts also say what a venue asks in this "
        "currency. Levels, flows and liquidations stay in dollars.",
        currency=preferences.currency,
    )
    select = Select(
        words("Choose a currency"),
        tuple(Choice(c, f"settings currency {c}", c == preferences.currency) for c in CURRENCIES),
    )
    return _page(words, words("Currency"), note, "/settings currency eur", select=select)


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
    role = preferences.manager_role
    note = words.line(
        "On Discord, members with this role may change settings too; /settings role lists the roles. Now: {role}.",
        role=Role(role, role) if role else "–",
    )
    ask = Prompt(
        words("By its number"),
        words("Role"),
        words("Number of the role"),
        "settings role {answer}",
        "123456789",
    )
    return _page(
        words, words("Role"), note, "/settings role 123456789",
        ask, Button(words("None"), "settings role off"),
    )  # fmt: skip


PAGES: dict[str, Callable[[Words, Desk, Preferences], Reply]] = {
    "quiet": _quiet_page,
    "critical": _critical_page,
    "rings": _rings_page,
    "zone": _zone_page,
    "language": _language_page,
    "assets": _assets_page,
    "currency": _currency_page,
    "charts": _charts_page,
    "publish": _publish_page,
    "role": _role_page,
}
