"""An alert as it reads in a chat: what happened, by which rule, what stands around it, and how to make it stop."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from config.watchlist import Asset
from handlers.alert_cards import editing
from handlers.alert_context import context
from handlers.alert_ends import afterwards, ended, not_followed
from handlers.alert_titles import title
from handlers.crossing import crossed
from handlers.desk import Desk
from handlers.observing import Sight
from handlers.preferences import Severity
from handlers.reply import Button, ButtonStyle, Code, Control, Line, Reply, Tone, text
from handlers.rule import (
    Alert,
    Metric,
    Observation,
    Rule,
    RuleState,
    Stage,
    Transition,
)
from handlers.rule_words import in_words
from handlers.telling.flash import flash
from handlers.words import Words

DAY = timedelta(days=1)
GAVE_WAY = (Stage.BREAK.value, Stage.CONFIRMED.value, Stage.BACK.value)  # a touch is told in short


def alert_of(
    rule: Rule,
    before: RuleState,
    after: RuleState,
    seen: Observation | None,
    what: Transition,
    at: datetime,
) -> Alert:
    """What a step has to tell, with the facts that its words will need later."""
    detail = dict(seen.detail) if seen else {}
    lines = crossed(before.lines, after.lines)
    if lines:
        detail |= {
            "line": lines[0].price,
            "stage": lines[0].stage.value,
            "direction": lines[0].direction.value,
        }
        if len(lines) > 1:
            detail["also"] = ",".join(f"{line.stage}:{line.price!r}" for line in lines[1:])
    if what is Transition.RESOLVED and before.extreme is not None:
        detail["extreme"] = before.extreme
    if what is Transition.RESOLVED and before.last_fired_at is not None:
        detail["began"] = before.last_fired_at.isoformat()
    if what is Transition.NO_DATA and before.missing_since is not None:
        detail["blind"] = before.missing_since.isoformat()
    value = seen.value if seen else after.value
    return Alert(rule.id, what, value, at, seen.source if seen else "", detail)


async def compose(rule: Rule, state: RuleState, alert: Alert, desk: Desk, words: Words) -> Reply:
    """One alert in full. What cannot be had of its surroundings is left out."""
    match alert.transition:
        case Transition.RESOLVED:
            return resolved(rule, alert, words)
        case Transition.EXPIRED | Transition.NO_DATA:
            return _notice(rule, ended(rule, alert, words), words)
        case Transition.ERROR:
            return _lost(rule, words)
        case _:
            followed = rule.asset if desk.watchlist.follows(rule.asset or "") else None
            asset = desk.watchlist.get(followed) if followed else None
            if asset is not None and alert.detail.get("stage") in GAVE_WAY:
                return await broken(rule, state, alert, desk, asset, words)
            sight = None if asset is None else Sight(desk.market, asset, desk.now())
            around = await context(rule, alert, sight, words) if sight else ()
            return fired(rule, state, alert, words, around)


async def broken(
    rule: Rule, state: RuleState, alert: Alert, desk: Desk, asset: Asset, words: Words
) -> Reply:
    """A level that gave way by a close: the alert, and below it what happened around it and what comes next."""
    short = fired(rule, state, alert, words)
    around = await flash(desk, asset, words, short.title)
    return replace(
        short,
        blocks=(*short.blocks, *around.blocks),
        footer=(*around.footer, *short.footer),
    )


def fired(
    rule: Rule, state: RuleState, alert: Alert, words: Words, around: Sequence[Line] = ()
) -> Reply:
    """The message of a rule that fired, without asking anybody anything."""
    head = title(rule, alert, words)
    if rule.metric is not Metric.LEVEL and _repeated(alert, state):
        head = words("{title} (fired {n} ×)", title=head, n=state.fired)
    lines: list[Line | str] = [
        _asked(rule, alert, words),
        *afterwards(rule, alert, words),
        *_facts(rule, alert, words),
        *around,
    ]
    return Reply(
        head,
        blocks=(text(*lines),),
        footer=(footer(rule, alert, words),),
        tone=tone(rule, alert),
        controls=controls(rule, words),
        quiet=not rings(rule, alert),
    )


def rings(rule: Rule, alert: Alert) -> bool:
    """A repeat within its cooldown rings no more often as a message of its own than as an edit."""
    return alert.transition is Transition.FIRED and rule.severity is not Severity.INFO


def _asked(rule: Rule, alert: Alert, words: Words) -> str:
    """The rule, and since when it held; a level that gives way holds for no time yet."""
    if rule.metric is Metric.LEVEL:
        return in_words(rule, words)
    since = words.clock(alert.at)
    return words("{rule} · since {time}", rule=in_words(rule, words), time=since)


def resolved(rule: Rule, alert: Alert, words: Words) -> Reply:
    """The words that the original message is edited to."""
    return Reply(
        ended(rule, alert, words),
        blocks=(text(in_words(rule, words)),),
        footer=(footer(rule, alert, words),),
        controls=controls(rule, words)[1:],
        quiet=True,
    )


def controls(rule: Rule, words: Words) -> tuple[tuple[Control, ...], ...]:
    """Every button is a command, so it works after any restart."""
    first: tuple[Control, ...] = (
        Button(words("Ack"), f"/alert ack {rule.id}", edits=False, style=ButtonStyle.PRIMARY),
        Button(words("Snooze 1h"), f"/alert snooze {rule.id} 1h", edits=False),
        Button(words("Mute"), f"/alert mute {rule.id}", edits=False),
    )
    edit = editing(rule, words, edits=False)  # what happened stays to be read
    if rule.asset is None:
        return first, (edit,)
    return first, (Button(words("Chart"), f"/chart {rule.asset.lower()} 1h", edits=False), edit)


def _facts(rule: Rule, alert: Alert, words: Words) -> list[str]:
    """What the rule itself saw beyond its number."""
    facts = []
    if alert.detail.get("stage") == Stage.TOUCH.value:
        facts.append(words("A trade, not yet a close: a wick does not break a level."))
    if "also" in alert.detail:
        facts.append(_also(str(alert.detail["also"]), words))
    if "long" in alert.detail and "short" in alert.detail:
        longs, shorts = (words.money(float(alert.detail[side])) for side in ("long", "short"))
        facts.append(words("Longs {longs}, shorts {shorts}", longs=longs, shorts=shorts))
    if rule.metric is Metric.FLOW_STREAK and "net" in alert.detail and "day" in alert.detail:
        day = words.day(date.fromisoformat(str(alert.detail["day"])))
        money = words.money(float(alert.detail["net"]), signed=True)
        facts.append(words("ETF flow of {day}: {money}", day=day, money=money))
    return facts


def _also(others: str, words: Words) -> str:
    """The other levels that gave way in the same moment, each as far as it did."""
    stages = {
        Stage.TOUCH: words("touched"),
        Stage.BREAK: words("broke"),
        Stage.CONFIRMED: words("confirmed"),
        Stage.BACK: words("crossed back"),
    }
    pairs = (other.split(":") for other in others.split(","))
    named = [f"{stages[Stage(stage)]} {words.price(float(price))}" for stage, price in pairs]
    return words("Also {levels}", levels=", ".join(named))


def _lost(rule: Rule, words: Words) -> Reply:
    """It waits, should the asset come back; how to make it stop stands below."""
    line = words.line(
        "Remove it with {command}, or keep it until {asset} is back.",
        command=Code(f"/alert remove {rule.id}"),
        asset=rule.asset,
    )
    head = not_followed(rule, words)
    return Reply(head, blocks=(text(in_words(rule, words), line),), quiet=True)


def _notice(rule: Rule, head: str, words: Words) -> Reply:
    return Reply(head, blocks=(text(in_words(rule, words)),), quiet=True)


def _repeated(alert: Alert, state: RuleState) -> bool:
    """Fired before within a day: said so that a row of messages reads as one story."""
    if alert.transition is Transition.AGAIN:
        return True
    return len(state.fires) > 1 and state.fires[-1].at - state.fires[-2].at < DAY


def footer(rule: Rule, alert: Alert, words: Words) -> Line:
    asked = words("alert #{id}", id=rule.id)
    source = f"{alert.source} " if alert.source else ""
    return (source, words.moment(alert.at), " · ", asked)


def tone(rule: Rule, alert: Alert) -> Tone:
    if rule.severity is Severity.CRITICAL:
        return Tone.CRITICAL
    way = alert.detail.get("direction", rule.direction.value)
    return {"below": Tone.DOWN, "above": Tone.UP}.get(str(way), Tone.WARNING)
