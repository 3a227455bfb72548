"""/alert: be told when something happens."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec

from config.watchlist import Asset
from handlers import alert_examples
from handlers.alert_cards import back, card, listed, stored, waking
from handlers.alert_removal import no_alert, remove
from handlers.alerts import fired
from handlers.arguments import DEFAULT_ASSET, asset
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
from handlers.draft import Author, Draft, settled, twin
from handlers.grammar import parse
from handlers.kept_alerts import drop, room_for, watching
from handlers.observing import Sight
from handlers.rehearsal import Rehearsal, kind_of, rehearse
from handlers.reply import Code, Reply, Table, text
from handlers.rights import only_admins
from handlers.rule import Alert, Metric, Observation, Phase, Rule, RuleRecord, Transition
from handlers.rule_words import in_words, shown
from handlers.spelling import spelled
from handlers.tongue import keep_language
from handlers.words import Words
from providers.errors import ProviderError

EXAMPLES = (
    "/alert add btc 70k", "/alert add btc < 70000 close 1h", "/alert add btc -5% 1h",
    "/alert add btc new low 90d", "/alert add flows < -500M", '/alert add word "bailout"',
)  # fmt: skip
OF_FUNDS = (Metric.FLOW, Metric.FLOW_STREAK)
SNOOZES = {"15m": 900, "1h": 3600, "4h": 14400, "24h": 86400}


async def run(request: Request, desk: Desk) -> Reply:
    """Without a subcommand the text is a rule; without any text it is the list."""
    verb = request.args[0].lower() if request.args else "list"
    rest = request.text.strip()[len(verb) :].strip() if request.args else ""
    acts = {
        "add": _add, "list": _list, "remove": remove, "delete": remove, "edit": _edit, "test": _test,
        "history": _history, "ack": _ack, "snooze": _snooze, "mute": _mute, "wake": _wake, "show": _show,
    }  # fmt: skip
    if verb in acts:
        return await acts[verb](request, desk, rest)
    return await _add(request, desk, request.text.strip())


async def _add(request: Request, desk: Desk, typed: str) -> Reply:
    only_admins(request)
    known = await desk.notebook.rules(request.channel)
    draft = parse(typed, request.words)
    dropped = room_for(request, desk, known, len(draft.values))
    ids = [await desk.notebook.new_id(request.channel) for _ in draft.values]
    rules = await _rules(request, desk, draft, ids)
    _no_twins(request.words, rules, watching(known))
    rehearsed = [await _rehearsed(rule, desk) for rule in rules]
    await keep_language(request, desk)
    await drop(request, desk, dropped)
    for rule in rules:
        await desk.notebook.add_rule(rule)
    return stored(request.words, rules, rehearsed)


async def _edit(request: Request, desk: Desk, typed: str) -> Reply:
    only_admins(request)
    record = await _record(request, desk, typed)
    words, rule_id = request.words, record.rule.id
    _, _, wanted = typed.partition(" ")
    if not wanted.strip():
        line = words.line("It is now: {rule}", rule=Code(spelled(record.rule, words.zone)))
        return Reply(words("Edit alert #{id}", id=rule_id), (text(line),), private=True)
    draft = parse(wanted, words)
    if len(draft.values) > 1:
        raise UserError(words("One alert has one value."), example=f"/alert edit {rule_id} btc 70k")
    rules = await _rules(request, desk, draft, [rule_id])
    others = await desk.notebook.rules(request.channel)
    _no_twins(words, rules, watching(r for r in others if r.rule.id != rule_id))
    rehearsed = [await _rehearsed(rule, desk) for rule in rules]
    if not await desk.notebook.replace_rule(rules[0]):
        raise no_alert(words, rule_id)
    fresh = {"phase": Phase.ARMED, "since": None, "line": None, "extreme": None, "key": None}
    await _save(request, desk, record, lines=(), seen=(), **fresh)
    return stored(words, rules, rehearsed)


async def _list(request: Request, desk: Desk, typed: str) -> Reply:
    """Page by page; a page that is not there is the nearest that is."""
    if request.kind is ChannelKind.FOREIGN:
        only_admins(request)
    records = await desk.notebook.rules(request.channel)
    page = int(typed) if typed.isdecimal() and len(typed) < 4 else 1
    return listed(records, desk.max_rules, request.words, example=EXAMPLES[0], page=page)


async def _show(request: Request, desk: Desk, typed: str) -> Reply:
    return card(await _record(request, desk, typed), request.words, desk.now())


async def _test(request: Request, desk: Desk, typed: str) -> Reply:
    """What it sees now, and how it would look."""
    record = await _record(request, desk, typed)
    rule, words = record.rule, request.words
    if rule.asset is not None and not desk.watchlist.follows(rule.asset):
        raise UserError(
            words("{asset} is no longer followed here.", asset=rule.asset),
            example=f"/alert remove {rule.id}",
        )
    seen: tuple[Observation, ...] = ()
    if desk.kinds:
        with suppress(ProviderError):
            seen = await kind_of(desk.kinds, rule.metric).read(rule, _sight(rule, desk))
    if rule.metric is Metric.HEADLINE and seen and seen[-1].key is None:
        raise UserError(
            words("No headline of the last 24 h holds “{word}”.", word=rule.word), example="/news"
        )
    if not seen or seen[-1].value is None:
        raise UserError(words("No source answers for this alert now."), example="/status")
    last = seen[-1]
    alert = Alert(rule.id, Transition.FIRED, last.value, last.as_of, last.source, last.detail)
    reply = fired(rule, record.state, alert, words)
    note = words("A test: it sees {value} now.", value=shown(rule, last.value or 0.0, words))
    title = words("Test: {title}", title=reply.title)
    return msgspec.structs.replace(
        reply, title=title, blocks=(text(note), *reply.blocks), quiet=True
    )


async def _history(request: Request, desk: Desk, typed: str) -> Reply:
    words = request.words
    records = await desk.notebook.rules(request.channel)
    if typed.strip():
        records = (await _record(request, desk, typed),)
    fires = sorted(((f, r.rule) for r in records for f in r.state.fires), key=lambda x: x[0].at)
    if not fires:
        return Reply(words("Nothing has fired yet"))
    rows = tuple(
        (words.time(f.at), f"#{rule.id}", in_words(rule, words), shown(rule, f.value or 0.0, words))
        for f, rule in reversed(fires[-20:])
    )
    return Reply(words("Fired lately: {n}", n=len(rows)), (Table(rows, align="<<<>"),))


async def _ack(request: Request, desk: Desk, typed: str) -> Reply:
    record = await _record(request, desk, typed)
    await _save(request, desk, record, acknowledged_by=request.user)
    words = request.words
    title = words("Alert #{id} acknowledged by {name}", id=record.rule.id, name=request.user_name)
    return Reply(title, (text(in_words(record.rule, words)),), quiet=True)


async def _snooze(request: Request, desk: Desk, typed: str) -> Reply:
    only_admins(request)
    record, words = await _record(request, desk, typed), request.words
    length = request.args[2].lower() if len(request.args) > 2 else "1h"
    if length not in SNOOZES:
        raise UserError(
            words("Snooze for {spans}.", spans=", ".join(SNOOZES)),
            example=f"/alert snooze {record.rule.id} 1h",
        )
    end = desk.now() + timedelta(seconds=SNOOZES[length])
    await _save(request, desk, record, snoozed_until=end)
    title = words("Alert #{id} is silent until {time}", id=record.rule.id, time=words.clock(end))
    return _silenced(title, record.rule, words)


async def _mute(request: Request, desk: Desk, typed: str) -> Reply:
    only_admins(request)
    record, words = await _record(request, desk, typed), request.words
    await _save(request, desk, record, muted=True, snoozed_until=None)
    return _silenced(words("Alert #{id} is muted", id=record.rule.id), record.rule, words)


async def _wake(request: Request, desk: Desk, typed: str) -> Reply:
    """Ends both a snooze and a mute."""
    only_admins(request)
    record, words = await _record(request, desk, typed), request.words
    await _save(request, desk, record, muted=False, snoozed_until=None)
    title = words("Alert #{id} speaks again", id=record.rule.id)
    return Reply(title, (text(in_words(record.rule, words)),), controls=(back(words),), quiet=True)


def _silenced(title: str, rule: Rule, words: Words) -> Reply:
    return Reply(title, (text(in_words(rule, words)),), controls=waking(rule, words), quiet=True)


async def _rules(request: Request, desk: Desk, draft: Draft, ids: list[str]) -> tuple[Rule, ...]:
    named = draft.asset or DEFAULT_ASSET
    found = asset(request, desk, named, example=EXAMPLES[0])
    if draft.metric in OF_FUNDS and not found.etf:
        raise UserError(
            request.words("There are no US spot ETF flows of {asset} here.", asset=found.symbol),
            example=alert_examples.EXAMPLES[draft.metric],
        )
    price = await _price(desk, found)
    author = Author(request.channel, request.user, desk.now(), request.words)
    return settled(draft, author, found.symbol, price, ids)


async def _price(desk: Desk, found: Asset) -> float | None:
    try:
        return (await desk.market.ticker(found)).value.last
    except ProviderError:
        return None


async def _rehearsed(rule: Rule, desk: Desk) -> Rehearsal:
    if not desk.kinds:
        return Rehearsal(None)
    return await rehearse(rule, kind_of(desk.kinds, rule.metric), _sight(rule, desk))


def _sight(rule: Rule, desk: Desk) -> Sight:
    return Sight(desk.market, desk.watchlist.get(rule.asset or DEFAULT_ASSET), desk.now())


def _no_twins(words: Words, rules: tuple[Rule, ...], known: Sequence[Rule]) -> None:
    for n, rule in enumerate(rules):
        if other := twin(rule, known):
            raise UserError(
                words(
                    "Alert #{id} already says that: {rule}",
                    id=other.id,
                    rule=in_words(other, words),
                ),
                example=f"/alert edit {other.id} {spelled(rule, words.zone)}",
            )
        if near := twin(rule, rules[:n]):
            raise UserError(
                words(
                    "These two are too close to be two alerts: {rule} and {other}.",
                    rule=in_words(near, words),
                    other=in_words(rule, words),
                ),
                example=f"/alert add {spelled(near, words.zone)}",
            )


async def _record(request: Request, desk: Desk, typed: str) -> RuleRecord:
    rule_id = typed.split(maxsplit=1)[0].lstrip("#") if typed.strip() else ""
    for record in await desk.notebook.rules(request.channel):
        if record.rule.id == rule_id:
            return record
    raise no_alert(request.words, rule_id)


async def _save(request: Request, desk: Desk, record: RuleRecord, **changes: object) -> None:
    """Tried anew on what the watch may have saved meanwhile."""
    for _ in range(3):
        state = msgspec.structs.replace(record.state, **changes)
        if await desk.notebook.save_state(request.channel, record.rule.id, state):
            return
        record = await _record(request, desk, record.rule.id)
    raise UserError(request.words("That alert is busy. Try again."), example="/alert list")


RULE_ID = Option("id", "Which alert", OptionKind.RULE_ID, required=True)
RULE = Option("rule", "Such as btc < 70000 close 1h", OptionKind.RULE, required=True)
COMMAND = Command(
    "alert",
    "/alert [RULE | list | show ID | remove ID]",
    "Be told when something happens",
    run,
    group="Alerts",
    subcommands=(
        Subcommand("add", "Watch for something", (RULE,)),
        Subcommand("list", "Every alert of this chat"),
        Subcommand("remove", "Stop watching", (RULE_ID,)),
        Subcommand("edit", "Change an alert", (RULE_ID, RULE)),
        Subcommand("test", "What it sees now", (RULE_ID,)),
        Subcommand("history", "What fired lately"),
        Subcommand("ack", "I have seen it", (RULE_ID,)),
        Subcommand(
            "snooze",
            "Silence it for a while",
            (RULE_ID, Option("span", "How long", OptionKind.CHOICE, choices=tuple(SNOOZES))),
        ),
        Subcommand("mute", "Silence it until it is woken", (RULE_ID,)),
        Subcommand("wake", "Let it speak again", (RULE_ID,)),
        Subcommand("show", "One alert and its buttons", (RULE_ID,)),
    ),
    examples=EXAMPLES,
    elsewhere=True,
    fact="Price",
)
