"""/subscribe: what this chat is sent without asking, right here where it was asked for."""

from collections.abc import Sequence

from msgspec.structs import replace

from handlers.arguments import DEFAULT_ASSET, asset, clip
from handlers.briefing_reader import wanted
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
from handlers.draft import twin
from handlers.kept_alerts import drop, room_for, watching
from handlers.presets import preset_rules
from handlers.reply import Button, ButtonStyle, Code, Control, Line, Reply, Text, text
from handlers.rights import only_admins
from handlers.rule import Rule, RuleRecord
from handlers.settings_changes import CHANGES
from handlers.subscribed import ALERT_WORDS, BRIEF_WORDS, EXAMPLE, in_words, listing, runs, title
from handlers.subscription import Subscription, SubscriptionKind
from handlers.tongue import keep_language
from handlers.words import Words


async def subscribe(request: Request, desk: Desk) -> Reply:
    what = request.args[0].lower() if request.args else ""
    if what in ("", "list") and request.kind is not ChannelKind.FOREIGN:
        return await listing(request, desk)
    only_admins(request)
    if what in BRIEF_WORDS:
        return await _briefing(request, desk, request.args[1:])
    if what in ALERT_WORDS:
        return await _alerts(request, desk)
    if what == "test":
        return await _test(request, desk)
    if what == "zone":
        return await _zone(request, desk)
    raise UserError(
        request.words("I can send briefings or alerts, not “{what}”.", what=clip(what)),
        example=EXAMPLE,
    )


async def _briefing(request: Request, desk: Desk, args: tuple[str, ...]) -> Reply:
    words = request.words
    preferences = await desk.notebook.preferences(request.channel)
    schedule, name, asset = wanted(request, desk, preferences, args)
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
    await keep_language(request, desk)
    await desk.notebook.subscribe(subscription)
    lines = [(in_words(words, desk, subscription),), *runs(words, desk, schedule), *missing]
    return Reply(
        words("Subscribed: {what}", what=title(words, subscription)),
        (Text(tuple(lines)), _how_to_stop(words, subscription)),
        controls=(_after(words, subscription),),
    )


def _how_to_stop(words: Words, subscription: Subscription) -> Text:
    return text(
        words.line("To stop it: {command}", command=Code(f"/unsubscribe {subscription.id}"))
    )


def _after(words: Words, subscription: Subscription) -> tuple[Control, ...]:
    return (
        Button(words("Send a test"), "subscribe test", edits=False),
        Button(words("Stop it"), f"unsubscribe {subscription.id}", style=ButtonStyle.DANGER),
    )


async def _alerts(request: Request, desk: Desk) -> Reply:
    """The preset alerts of each asset that has none of them yet."""
    words, known = request.words, await desk.notebook.rules(request.channel)
    subscription = await _subscription(request, desk)
    drafts = _drafts(request, desk, subscription, known)
    if not drafts:
        raise UserError(words("This chat already gets the alerts."), example="/alert list")
    dropped = room_for(request, desk, known, len(drafts))
    missing = await _named_rights(request, desk)
    rules = [replace(d, id=await desk.notebook.new_id(request.channel)) for d in drafts]
    await keep_language(request, desk)
    await drop(request, desk, dropped)
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
            _how_to_stop(words, subscription),
        ),
        controls=(
            (Button(words("Show the alerts"), "alert list", edits=False),),
            _after(words, subscription),
        ),
    )


async def _subscription(request: Request, desk: Desk) -> Subscription:
    """The one that this chat has, since further assets join it, or a new one."""
    known = await desk.notebook.subscriptions(request.channel)
    found = next((s for s in known if s.kind is SubscriptionKind.ALERTS), None)
    return found or Subscription(
        await desk.notebook.new_id(request.channel), request.channel.key, SubscriptionKind.ALERTS,
        request.user, desk.now(), preset="standard",
    )  # fmt: skip


def _drafts(
    request: Request, desk: Desk, subscription: Subscription, known: Sequence[RuleRecord]
) -> list[Rule]:
    """Still without numbers. What the chat watches for already is not doubled."""
    typed = " ".join(request.args[1:]).replace(",", " ").split() or [DEFAULT_ASSET]
    assets = [asset(request, desk, word, example="/subscribe alerts eth") for word in typed]
    have = {r.rule.asset for r in known if r.rule.subscription == subscription.id}
    drafts = preset_rules(
        request.channel.key,
        request.user,
        desk.now(),
        [(a.symbol, a.etf) for a in dict.fromkeys(assets) if a.symbol not in have],
        str,
        subscription.id,
    )
    return [draft for draft in drafts if twin(draft, watching(known)) is None]


async def _test(request: Request, desk: Desk) -> Reply:
    words = request.words
    problem = await desk.office.send_test(request.channel, words)
    if problem is None:
        return Reply(words("The test message arrived"), quiet=True, private=True)
    missing = await _named_rights(request, desk)
    return Reply(words("The test message did not arrive"), (text(problem, *missing),), private=True)


async def _zone(request: Request, desk: Desk) -> Reply:
    """The clock of this chat, asked for on the way to a briefing."""
    now = await desk.notebook.preferences(request.channel)
    named = request.args[1:] or ("",)
    await desk.notebook.set_preferences(
        request.channel, await CHANGES["zone"](request, desk, now, named)
    )
    return await listing(request, desk)


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


COMMAND = Command(
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
    elsewhere=True,
)
