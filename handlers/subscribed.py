"""What a chat is sent without asking, in words and with the buttons that change it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from handlers.command import ChannelKind, Request
from handlers.desk import Desk
from handlers.preferences import Managed
from handlers.reply import (
    Button,
    ButtonStyle,
    Code,
    Control,
    Invite,
    Line,
    Prompt,
    Reply,
    Strong,
    Text,
    text,
)
from handlers.schedule import next_runs
from handlers.subscription import Days, Schedule, Subscription, SubscriptionKind
from handlers.words import Words
from providers.trading_days import is_trading_day

EXAMPLE = "/subscribe brief daily 08:00 Europe/Berlin"
BRIEF_WORDS = ("brief", "briefing", "briefings")
ALERT_WORDS = ("alerts", "alert", "levels", "breaks")
BUTTONS_FOR = 5  # of a kind get a button of their own; the others are named by number or @name


async def listing(request: Request, desk: Desk) -> Reply:
    words, may = request.words, request.admin or request.owner
    preferences = await desk.notebook.preferences(request.channel)
    subscriptions = await desk.notebook.subscriptions(request.channel)
    alerts = any(s.kind is SubscriptionKind.ALERTS for s in subscriptions)
    zone = preferences.zone or str(words.zone)
    controls = _controls(words, subscriptions, zone, alerts=alerts) if may else ()
    if may and preferences.zone is None:
        controls += ((_city(words),),)
    controls += _channels(preferences.channels)
    elsewhere = await _besides(request, desk, preferences.channels)
    invite = inviting(words) if request.kind is ChannelKind.PRIVATE else None
    if not subscriptions:
        return Reply(
            words("This chat is not subscribed to anything"),
            (_ways(words), *(() if may else (_for_admins(words),)), *elsewhere),
            controls=controls,
            invite=invite,
            quiet=True,
        )
    lines: tuple[Line, ...] = tuple(
        (Code(s.id), f" {in_words(words, desk, s)}") for s in subscriptions
    )
    first = next((s.schedule for s in subscriptions if s.schedule), None)
    blocks = [Text(lines)] + ([Text(tuple(runs(words, desk, first)))] if first else [])
    how = words.line("To stop one: {command}", command=Code(f"/unsubscribe {subscriptions[0].id}"))
    blocks.append(Text((how,)) if may else _for_admins(words))
    return Reply(
        words("This chat is sent"),
        (*blocks, *elsewhere),
        controls=controls,
        invite=invite,
        quiet=True,
    )


def inviting(words: Words) -> Invite:
    return Invite(words("Add me to a group"), words("Add me to a channel"))


async def alerts_left(request: Request, desk: Desk) -> tuple[Line, ...]:
    """That alerts somebody set one by one are no subscription and go on."""
    records = await desk.notebook.rules(request.channel)
    own = sum(record.rule.subscription is None for record in records)
    if not own:
        return ()
    return (
        request.words.line(
            "Alerts set one by one: {n}. See or stop them: {command}",
            n=own,
            command=Code("/alert list"),
        ),
    )


async def _besides(request: Request, desk: Desk, channels: tuple[Managed, ...]) -> tuple[Text, ...]:
    """What is sent for other reasons, and to other places."""
    lines = await alerts_left(request, desk)
    own = (Text(lines),) if lines else ()
    return (*own, _of_channels(request.words)) if channels else own


def _city(words: Words) -> Prompt:
    """Nobody but the reader knows the reader's clock."""
    return Prompt(
        words("Times are in {zone}: name your city", zone=str(words.zone)),
        words("Time zone"),
        words("Your city, like Berlin or New York"),
        "subscribe zone {answer}",
        "Berlin",
    )


def _of_channels(words: Words) -> Text:
    return text(words("The last buttons are for the channels that you added me to."))


def _channels(known: tuple[Managed, ...]) -> tuple[tuple[Control, ...], ...]:
    """What a private chat offers for the channels its owner let us into."""
    return tuple(
        (Button(f"{channel.name} ›", f"subscribe {channel.at}", edits=False),)
        for channel in known[:BUTTONS_FOR]
    )


def _ways(words: Words) -> Text:
    return text(
        words.line("{command} — a briefing at that time", command=Code(EXAMPLE)),
        words.line("{command} — when a level breaks", command=Code("/subscribe alerts")),
    )


def _for_admins(words: Words) -> Text:
    return text(
        words("Only admins of this chat choose what it is sent. In our private chat you can.")
    )


def _controls(
    words: Words, subscriptions: tuple[Subscription, ...], zone: str, *, alerts: bool
) -> tuple[tuple[Control, ...], ...]:
    at_eight = Button(
        words("Briefing at 08:00 {zone}", zone=zone),
        f"subscribe brief 08:00 {zone}",
        style=ButtonStyle.PRIMARY,
    )
    other = Prompt(
        words("Briefing at another time"),
        words("Briefing"),
        words("Time and city, like 07:30 Berlin"),
        "subscribe brief {answer}",
        "07:30 Berlin",
    )
    stop = tuple(
        Button(words("Stop {id}", id=s.id), f"unsubscribe {s.id}", style=ButtonStyle.DANGER)
        for s in subscriptions[:BUTTONS_FOR]
    )
    more: list[Control] = [] if alerts else [Button(words("Alerts"), "subscribe alerts")]
    if subscriptions:
        more.append(Button(words("Send a test"), "subscribe test", edits=False))
    rows = (stop, (other,) if subscriptions else (at_eight, other), tuple(more))
    return tuple(row for row in rows if row)


def in_words(words: Words, desk: Desk, subscription: Subscription) -> str:
    schedule = subscription.schedule
    if schedule is None:
        return words("Alerts")
    name = words(
        next((b.title for b in desk.briefings if b.name == subscription.briefing), "Briefing")
    )
    if schedule.after_flows:
        return words(
            "{name} ({asset}) once the ETF flows are final", name=name, asset=subscription.asset
        )
    return words(
        "{name} ({asset}) {days} at {at} {zone}",
        name=name,
        asset=subscription.asset,
        days=days_in_words(words, schedule),
        at=schedule.at,
        zone=schedule.zone,
    )


def title(words: Words, subscription: Subscription) -> str:
    schedule = subscription.schedule
    if schedule is None or schedule.after_flows:
        return words("briefing")
    return words("briefing at {at}", at=schedule.at)


def runs(words: Words, desk: Desk, schedule: Schedule) -> list[Line]:
    """When it comes next, three times, on the clock it was asked for in."""
    if schedule.after_flows:
        return [(words("It comes each trading day once every fund has reported."),)]
    found = next_runs(schedule, desk.now(), is_trading_day)
    words = replace(words, zone=ZoneInfo(schedule.zone))
    return [
        (Strong(words("Next:")), " ", words.moment(run.utc, "f"))
        if i == 0
        else (words.moment(run.utc, "f"),)
        for i, run in enumerate(found)
    ]


def days_in_words(words: Words, schedule: Schedule) -> str:
    match schedule.days:
        case Days.DAILY:
            return words("every day")
        case Days.WEEKDAYS:
            return words("Monday to Friday")
        case Days.WEEKENDS:
            return words("Saturday and Sunday")
        case Days.TRADING:
            return words("on US trading days")
        case Days.CUSTOM:
            return ", ".join(words.weekday(day) for day in schedule.weekdays)
