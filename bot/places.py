"""Where a rule waits: the prices at which something may next happen to it."""

from math import inf

from bot.thresholds import Place
from handlers.rule import Direction, Metric, Observation, Phase, Rule, RuleState, Stage
from handlers.rule_line import rearm_distance

ON_TICKS = (Metric.PRICE, Metric.LEVEL)
ACTIVE = (Phase.PENDING, Phase.FIRING, Phase.RECOVERING)
OTHER = {Direction.BELOW: Direction.ABOVE, Direction.ABOVE: Direction.BELOW}


def places(
    rule: Rule,
    state: RuleState,
    *,
    price: float | None = None,
    atr: float | None = None,
    seen: Observation | None = None,
) -> tuple[Place, ...]:
    """`price`, `atr` and `seen` are what is known of the market just now."""
    if state.phase is Phase.DONE or (rule.on_close and rule.metric is Metric.PRICE):
        return ()
    if rule.metric is Metric.LEVEL:
        return _around(state, price)
    if rule.metric is Metric.PRICE:
        return (_of_price(rule, state, atr),)
    return _moving(rule, state, seen)


def _of_price(rule: Rule, state: RuleState, atr: float | None) -> Place:
    """Armed at its own line; firing at the line where it is ready again."""
    back = OTHER[rule.direction]
    if state.phase is Phase.PENDING:
        return back, rule.value
    if state.phase in (Phase.FIRING, Phase.RECOVERING):
        distance = rearm_distance(rule, rule.value, atr)
        sign = 1 if rule.direction is Direction.BELOW else -1
        return back, rule.value + sign * distance
    return rule.direction, rule.value


def _around(state: RuleState, price: float | None) -> tuple[Place, ...]:
    """The next whole level on each side; any price at all while none is known."""
    if price is None and not state.lines:
        return ((Direction.BELOW, inf),)
    whole = [line for line in state.lines if line.stage is Stage.WHOLE]
    below = [line.price for line in whole if line.direction is Direction.BELOW]
    above = [line.price for line in whole if line.direction is Direction.ABOVE]
    places = [(Direction.BELOW, max(below))] if below else []
    return (*places, (Direction.ABOVE, min(above))) if above else tuple(places)


def _moving(rule: Rule, state: RuleState, seen: Observation | None) -> tuple[Place, ...]:
    """Where a polled rule's line stands in dollars just now: a tick beyond it asks at once."""
    if seen is None or state.phase in ACTIVE or rule.direction is Direction.EITHER:
        return ()
    if rule.metric in (Metric.NEW_LOW, Metric.NEW_HIGH) and seen.line is not None:
        return ((rule.direction, seen.line),)
    if rule.metric is Metric.CHANGE and "then" in seen.detail:
        return ((rule.direction, float(seen.detail["then"]) * (1 + rule.value / 100)),)
    return ()


def question(rule: Rule) -> tuple[object, ...]:
    """What a source is asked for a rule: equal for rules that one answer serves."""
    days = rule.value if rule.metric in (Metric.NEW_LOW, Metric.NEW_HIGH) else None
    way = rule.direction if rule.metric in ON_TICKS else None
    change = rule.value if rule.metric is Metric.CHANGE else None
    return rule.metric, rule.asset, rule.window, rule.interval, rule.word, days, way, change
