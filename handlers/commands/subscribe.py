"""/subscribe and /unsubscribe: what this chat is sent without asking, right here where it was asked for."""

from msgspec.structs import replace

from handlers.arguments import clip
from handlers.command import (
    ChannelKind,
    Command,
    Option,
    OptionKind,
    Request,
    Subcommand,
    UserError,
)
from handlers.desk import Desk
from handlers.presets import preset_rules
from handlers.reply import Button, ButtonStyle, Code, Line, Reply, Strong, Text, text
from handlers.schedule import next_runs
from handlers.subscription import Days, Schedule, Subscription, SubscriptionKind
from handlers.when import timing, zones_like
from handlers.words import Words
from providers.trading_days import is_trading_day

EXAMPLE = "/subscribe brief daily 08:00 Europe/Berlin"
BRIEF_WORDS = ("brief", "briefing", "briefings")
ALERT_WORDS = ("alerts", "alert", "levels", "breaks")


async def subscribe(request: Request, desk: Desk) -> Reply:
    what = request.args[0].lower() if request.args else ""
    if what in ("", "list"):
        return await listing(request, desk)
    _may_subscribe(request)
    if what in BRIEF_WORDS:
        return await _briefing(request, desk, request.args[1:])
    if what in ALERT_WORDS:
        return await _alerts(request, desk)
    if what == "test":
        return await _test(request, desk)
    raise UserError(
        request.words("I can send briefings or alerts, not “{what}”.", what=clip(what)),
        example=EXAMPLE,
    )


def _may_subscribe(request: Request) -> None:
    words = request.words
    if request.kind is ChannelKind.FOREIGN:
        raise UserError(
            words(
                "I am a guest here and cannot post on my own. Add me to this server, or ask in our private chat."
            )
        )
    if not (request.admin or request.owner):
        raise UserError(
            words("Only admins of this chat choose what it is sent. In our private chat you can.")
        )


async def _briefing(request: Request, desk: Desk, args: tuple[str, ...]) -> Reply:
    words = request.words
    schedule, rest = await _schedule(request, desk, args)
    name, asset = _which(request, desk, rest)
    known = await desk.notebook.subscriptions(request.channel)
    briefings = [s for s in known if s.kind is SubscriptionKind.BRIEFING]
    if any(s.schedule == schedule and s.briefing == name and s.asset == asset for s in briefings):
        raise UserError(
            words("This chat already gets exactly that briefing."), example="/subscribe list"
        )
    if len(briefings) >= desk.max_schedules:
        raise UserError(
            words("This chat has {n} briefings, as many as I keep for one.", n=len(briefings)),
            example="/unsubscribe",
        )
    missing = await _named_rights(request, desk)
    subscription = Subscription(
        await desk.notebook.new_id(request.channel), request.channel.key, SubscriptionKind.BRIEFING,
        request.user, desk.now(), name, asset, schedule,
    )  # fmt: skip
    await desk.notebook.subscribe(subscription)
    lines = [(in_words(words, desk, subscription),), *_runs(words, desk, schedule), *missing]
    return Reply(
        words("Subscribed: {what}", what=_title(words, subscription)),
        (Text(tuple(lines)),),
        controls=(
            (
                Button(words("Send a test"), "subscribe test", edits=False),
                Button(words("Undo"), f"unsubscribe {subscription.id}", style=ButtonStyle.DANGER),
            ),
        ),
    )


async def _schedule(
    request: Request, desk: Desk, args: tuple[str, ...]
) -> tuple[Schedule, tuple[str, ...]]:
    preferences = await desk.notebook.preferences(request.channel)
    found = timing(args, preferences.zone or str(request.words.zone))
    if found.schedule is None:
        raise UserError(
            request.words("When should it come? Name a time like 08:00."), example=EXAMPLE
        )
    return found.schedule, found.rest


def _which(request: Request, desk: Desk, rest: tuple[str, ...]) -> tuple[str, str]:
    """The briefing and the asset among the words that name no time."""
    known = [b.name for b in desk.briefings if b.scheduled]
    name, asset = known[0], "BTC"
    for word in rest:
        if word.lower() in known:
            name = word.lower()
        elif len(found := desk.watchlist.find(word)) == 1:
            asset = found[0].symbol
        else:
            near = zones_like(word)
            hint = (
                request.words("Did you mean the zone {zones}?", zones=", ".join(near))
                if near
                else request.words("Briefings: {names}.", names=", ".join(known))
            )
            raise UserError(
                request.words(
                    "I do not understand “{word}” here. {hint}", word=clip(word), hint=hint
                ),
                example=EXAMPLE,
            )
    return name, asset


async def _alerts(request: Request, desk: Desk) -> Reply:
    words, now = request.words, desk.now()
    named = [a for w in request.args[1:] for a in desk.watchlist.find(w)]
    assets = named or [desk.watchlist.get("BTC")]
    known = await desk.notebook.subscriptions(request.channel)
    if any(s.kind is SubscriptionKind.ALERTS for s in known):
        raise UserError(words("This chat already gets the alerts."), example="/alert list")
    missing = await _named_rights(request, desk)
    subscription = Subscription(
        await desk.notebook.new_id(request.channel), request.channel.key, SubscriptionKind.ALERTS,
        request.user, now, preset="standard",
    )  # fmt: skip
    drafts = preset_rules(
        request.channel.key,
        request.user,
        now,
        [(a.symbol, a.etf) for a in assets],
        str,
        subscription.id,
    )
    rules = [replace(d, id=await desk.notebook.new_id(request.channel)) for d in drafts]
    await desk.notebook.subscribe(subscription)
    for rule in rules:
        await desk.notebook.add_rule(rule)
    return Reply(
        words("Subscribed: {n} alerts", n=len(rules)),
        (
            text(
                words("I tell this chat once when one of them happens, and again when it is over.")
            ),
            text(words.line("See them: {command}", command=Code("/alert list")), *missing),
        ),
        controls=(
            (
                Button(words("Show the alerts"), "alert list", edits=False),
                Button(words("Send a test"), "subscribe test", edits=False),
                Button(words("Undo"), f"unsubscribe {subscription.id}", style=ButtonStyle.DANGER),
            ),
        ),
    )


async def _test(request: Request, desk: Desk) -> Reply:
    words = request.words
    problem = await desk.office.send_test(request.channel)
    if problem is None:
        return Reply(words("The test message arrived"), quiet=True, private=True)
    return Reply(words("The test message did not arrive"), (text(problem),), private=True)


async def _named_rights(request: Request, desk: Desk) -> list[Line]:
    """What the platform does not let us do here, said now rather than at eight in the morning."""
    missing = await desk.office.missing_rights(request.channel)
    if not missing:
        return []
    rights = ", ".join(missing)
    return [
        (
            request.words(
                "I still need these rights here, or nothing will arrive: {rights}.", rights=rights
            ),
        )
    ]


def _runs(words: Words, desk: Desk, schedule: Schedule) -> list[Line]:
    if schedule.after_flows:
        return [(words("It comes each trading day once every fund has reported."),)]
    runs = next_runs(schedule, desk.now(), is_trading_day)
    return [
        (Strong(words("Next:")), " ", words.moment(run.utc, "f"))
        if i == 0
        else (words.moment(run.utc, "f"),)
        for i, run in enumerate(runs)
    ]


async def listing(request: Request, desk: Desk) -> Reply:
    words = request.words
    subscriptions = await desk.notebook.subscriptions(request.channel)
    if not subscriptions:
        return Reply(
            words("This chat is not subscribed to anything"),
            (
                text(
                    words.line("{command} — a briefing at that time", command=Code(EXAMPLE)),
                    words.line(
                        "{command} — when a level breaks", command=Code("/subscribe alerts")
                    ),
                ),
            ),
            controls=(
                (
                    Button(words("Briefing at 08:00"), "subscribe brief 08:00"),
                    Button(words("Alerts"), "subscribe alerts"),
                ),
            ),
            quiet=True,
        )
    lines: tuple[Line, ...] = tuple(
        (Code(s.id), f" {in_words(words, desk, s)}") for s in subscriptions
    )
    first = next((s.schedule for s in subscriptions if s.schedule), None)
    blocks = [Text(lines)] + ([Text(tuple(_runs(words, desk, first)))] if first else [])
    stop = tuple(
        Button(words("Stop {id}", id=s.id), f"unsubscribe {s.id}", style=ButtonStyle.DANGER)
        for s in subscriptions[:4]
    )
    return Reply(words("This chat is sent"), tuple(blocks), controls=(stop,), quiet=True)


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
        days=_days(words, schedule),
        at=schedule.at,
        zone=schedule.zone,
    )


def _days(words: Words, schedule: Schedule) -> str:
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


def _title(words: Words, subscription: Subscription) -> str:
    schedule = subscription.schedule
    if schedule is None or schedule.after_flows:
        return words("briefing")
    return words("briefing at {at}", at=schedule.at)


async def unsubscribe(request: Request, desk: Desk) -> Reply:
    words = request.words
    if not (request.admin or request.owner):
        raise UserError(words("Only admins of this chat choose what it is sent."))
    known = await desk.notebook.subscriptions(request.channel)
    chosen = _chosen(request, known)
    if not chosen:
        return await listing(request, desk)
    for subscription in chosen:
        await _remove(request, desk, subscription)
    left = len(known) - len(chosen)
    return Reply(
        words("Stopped: {what}", what=", ".join(in_words(words, desk, s) for s in chosen)),
        (text(words("{n} subscriptions are left in this chat.", n=left)),),
    )


def _chosen(request: Request, known: tuple[Subscription, ...]) -> list[Subscription]:
    if not request.args:
        return list(known) if len(known) == 1 else []
    word = request.args[0].lower().lstrip("#")
    if word in ("all", "everything", "off"):
        return list(known)
    kinds = {
        **dict.fromkeys(BRIEF_WORDS, SubscriptionKind.BRIEFING),
        **dict.fromkeys(ALERT_WORDS, SubscriptionKind.ALERTS),
    }
    chosen = [s for s in known if s.id == word or kinds.get(word) is s.kind]
    if chosen or not known:
        return chosen
    raise UserError(
        request.words("There is no subscription “{word}” here.", word=clip(word)),
        example="/unsubscribe all",
    )


async def _remove(request: Request, desk: Desk, subscription: Subscription) -> None:
    await desk.notebook.unsubscribe(request.channel, subscription.id)
    for record in await desk.notebook.rules(request.channel):
        if record.rule.subscription == subscription.id:
            await desk.notebook.remove_rule(request.channel, record.rule.id)


SUBSCRIBE = Command(
    "subscribe",
    "/subscribe [brief TIME ZONE | alerts]",
    "What this chat is sent",
    subscribe,
    group="Sent to you",
    subcommands=(
        Subcommand(
            "brief",
            "A briefing at a time of day",
            (
                Option(
                    "when",
                    "daily 08:00 Europe/Berlin, weekdays 7:30, after flows",
                    OptionKind.SCHEDULE,
                    required=True,
                ),
            ),
        ),
        Subcommand(
            "alerts",
            "Level breaks and other large moves",
            (Option("asset", "BTC, ETH …", OptionKind.ASSET),),
        ),
        Subcommand("list", "What this chat is sent now"),
        Subcommand("test", "Send a test message here"),
    ),
    examples=(
        EXAMPLE,
        "/subscribe brief weekdays 7:30am New_York",
        "/subscribe brief close after flows",
        "/subscribe alerts",
    ),
)
UNSUBSCRIBE = Command(
    "unsubscribe",
    "/unsubscribe [NUMBER | all]",
    "Stop what this chat is sent",
    unsubscribe,
    group="Sent to you",
    options=(Option("what", "Number from /subscribe, brief, alerts or all", OptionKind.TEXT),),
    examples=("/unsubscribe", "/unsubscribe 2", "/unsubscribe all"),
    aliases=("stop",),
)
