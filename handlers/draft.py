"""What somebody asked to be warned of, read but not yet judged: an asset word, numbers and options."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from handlers.alert_examples import EXAMPLES
from handlers.command import Channel, UserError
from handlers.ending import DAY_END, moment
from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Rule
from handlers.schedule import instant
from handlers.words import Words

TWIN = 0.001  # two rules closer than this share of their value are one rule typed twice
PLAUSIBLE = (0.2, 5.0)  # a price further away than this from the market is a typing error
SHORTEST = timedelta(minutes=5)  # of a change: it is measured in minutes
FARTHEST = 100  # years ahead that an end may lie
OF_AN_ASSET = frozenset(Metric) - {Metric.FEAR, Metric.HEADLINE}
HELD = "/alert add btc < 70000 for 10m"
REARMED = "/alert add btc < 70000 rearm 71000"
_MOMENTS = frozenset({Metric.LEVEL, Metric.HEADLINE, Metric.NEW_LOW, Metric.NEW_HIGH})
_DAILY = frozenset({Metric.FLOW, Metric.FLOW_STREAK, Metric.FEAR})
_LIMITS = {
    Metric.RSI: (0.0, 100.0),
    Metric.FEAR: (0.0, 100.0),
    Metric.FLOW_STREAK: (-100.0, 100.0),
    Metric.NEW_LOW: (2.0, 366.0),
    Metric.NEW_HIGH: (2.0, 366.0),
    Metric.LIQUIDATIONS: (1e5, 1e12),
    Metric.FUNDING: (-0.1, 0.1),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """
    `values` in the metric's unit, several for several prices. `direction` None: to be inferred from the price.
    Seconds in `window`, `hold` and `cooldown`. `word`: what a headline must hold. `until` as it was typed, since
    "tomorrow" depends on whose clock it is.
    """

    metric: Metric
    asset: str | None = None
    values: tuple[float, ...] = (0.0,)
    direction: Direction | None = None
    inclusive: bool = False
    window: int | None = None
    interval: str | None = None
    on_close: bool = False
    word: str | None = None
    hold: int = 0
    cooldown: int = 0
    until: str | None = None
    once: bool = False
    severity: Severity = Severity.WARNING
    rearm_at: float | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a rule, where and when."""

    channel: Channel
    user: str
    now: datetime
    words: Words


def settled(
    draft: Draft, author: Author, asset: str, price: float | None, ids: Sequence[str]
) -> tuple[Rule, ...]:
    """
    The rules of a draft, one per value, each with its id. `price` is the market's now, or None when no venue
    answers. Raises UserError for what cannot be meant: absurd values, prices far from the market, a date gone by.
    """
    _obeyed(draft, author.words)
    until = _until(draft, author)
    rules = []
    for value, identity in zip(draft.values, ids, strict=True):
        _plausible(draft, value, price, author.words)
        rule = Rule(
            id=identity,
            channel=author.channel.key,
            created_by=author.user,
            created_at=author.now,
            metric=draft.metric,
            direction=draft.direction or _inferred(value, price, author.words),
            value=value,
            asset=asset if draft.metric in OF_AN_ASSET else None,
            window=draft.window,
            interval=draft.interval,
            on_close=draft.on_close,
            hold=draft.hold,
            cooldown=draft.cooldown,
            until=until,
            once=draft.once,
            severity=draft.severity,
            rearm_at=draft.rearm_at,
            word=draft.word,
            inclusive=draft.inclusive,
        )
        _rearms(rule, author.words)
        rules.append(rule)
    return tuple(rules)


def twin(rule: Rule, others: Sequence[Rule]) -> Rule | None:
    """A rule that watches the same thing in the same way within a thousandth of the same value."""
    return next((other for other in others if _same_watch(rule, other)), None)


def _same_watch(one: Rule, other: Rule) -> bool:
    alike = _what(one) == _what(other) and one.id != other.id
    return alike and abs(one.value - other.value) <= abs(other.value) * TWIN


def _what(rule: Rule) -> tuple[object, ...]:
    word = rule.word.casefold() if rule.word else None
    return rule.metric, rule.asset, rule.direction, rule.window, rule.interval, rule.hold, word


def _inferred(value: float, price: float | None, words: Words) -> Direction:
    if price is None:
        raise UserError(
            words("No venue answers now, so say which way."), example="/alert add btc < 70000"
        )
    return Direction.BELOW if value < price else Direction.ABOVE


def _plausible(draft: Draft, value: float, price: float | None, words: Words) -> None:
    if draft.metric is Metric.PRICE:
        _near(value, price, words)
    if draft.metric is Metric.FLOW and 0 < abs(value) < 1e6:
        raise UserError(
            words("Flows are counted in millions of dollars."), example=EXAMPLES[Metric.FLOW]
        )
    if draft.metric is Metric.CHANGE and not 0 < abs(value) <= 100:
        raise UserError(
            words("A change lies between 0 and 100 %."), example="/alert add btc -5% 1h"
        )
    if draft.window and draft.metric is Metric.CHANGE and draft.window < SHORTEST.total_seconds():
        raise UserError(
            words("The shortest window of a change is {span}.", span=words.span(SHORTEST)),
            example="/alert add btc -2% 5m",
        )
    low, high = _LIMITS.get(draft.metric, (-float("inf"), float("inf")))
    if not low <= value <= high:
        raise UserError(
            words(
                "{value} is outside of what this can be: {low} to {high}.",
                value=words.number(value, 2),
                low=words.number(low, 2),
                high=words.number(high, 2),
            ),
            example=EXAMPLES[draft.metric],
        )


def _near(value: float, price: float | None, words: Words) -> None:
    if value <= 0:
        raise UserError(words("A price is above zero."), example="/alert add btc < 70000")
    if price is not None and not PLAUSIBLE[0] <= value / price <= PLAUSIBLE[1]:
        raise UserError(
            words(
                "{value} is far from the price now, {price}. Is a digit missing or too many?",
                value=words.price(value),
                price=words.price(price),
            ),
            example="/alert add btc 70k",
        )


def _obeyed(draft: Draft, words: Words) -> None:
    """An option that this kind of alert could not follow is refused rather than read back and forgotten."""
    if draft.hold and draft.metric in _MOMENTS:
        raise UserError(
            words("“for” needs something that lasts, and this alert is about one moment."),
            example=HELD,
        )
    if draft.hold and draft.metric in _DAILY:
        raise UserError(
            words("“for” needs something that is measured all the time. This comes once a day."),
            example=HELD,
        )
    if draft.rearm_at is not None and draft.metric in (*_MOMENTS, Metric.FLOW):
        raise UserError(
            words("“rearm” needs a value to come back to, and this alert has none."),
            example=REARMED,
        )


def _until(draft: Draft, author: Author) -> datetime | None:
    """A day alone counts to its end, the next midnight on the chat's clock."""
    if draft.until is None:
        return None
    words = author.words
    end = moment(draft.until, author.now, words.zone, words.locale, unsaid=DAY_END)
    example = "/alert add btc 70k until 2099-12-31"
    if end is None:
        raise UserError(words("{day} is no date.", day=draft.until), example=example)
    local = end.astimezone(words.zone)
    if local.year > author.now.year + FARTHEST:
        day = words.long_date(local.date())
        raise UserError(words("{day} is too far away.", day=day), example=example)
    if local.time() == DAY_END:
        end = instant(local.date() + timedelta(days=1), time(), words.zone)
    if end <= author.now:
        day = words.long_date(end.astimezone(words.zone).date())
        raise UserError(words("{day} is over.", day=day), example=example)
    return end


def _rearms(rule: Rule, words: Words) -> None:
    """A re-arm line lies on the side from which the rule fires, or it would never be ready again."""
    if rule.rearm_at is None:
        return
    wrong = rule.rearm_at < rule.value
    if rule.direction is Direction.ABOVE:
        wrong = rule.rearm_at > rule.value
    if rule.direction is Direction.EITHER:
        wrong = abs(rule.rearm_at) > abs(rule.value)
    if wrong:
        raise UserError(
            words("The re-arm line lies on the wrong side of the alert."), example=REARMED
        )
