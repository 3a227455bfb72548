"""When a value is past the line at which a rule fires, and when it is far enough back for it to be ready again."""

from handlers.rule import Direction, Metric, Observation, Rule, RuleState

EXTREMES = (Metric.NEW_LOW, Metric.NEW_HIGH)
WITHOUT_ATR = 0.01  # re-arm distance as a share of the price when no range is known


def beyond(rule: Rule, value: float, line: float) -> bool:
    """Whether a value is past the line in the rule's direction; EITHER compares sizes."""
    if rule.direction is Direction.EITHER:
        value, line = abs(value), abs(line)
    if value == line:
        return rule.inclusive
    return value < line if rule.direction is Direction.BELOW else value > line


def rearm_distance(rule: Rule, line: float, atr: float | None) -> float:
    """How far back a value must come, in the rule's unit, before the rule is ready again."""
    if rule.rearm_at is not None:
        return abs(line - rule.rearm_at)
    match rule.metric:
        case Metric.PRICE:
            return atr / 2 if atr else abs(line) * WITHOUT_ATR
        case Metric.NEW_LOW | Metric.NEW_HIGH:
            return atr * 2 if atr else abs(line) * WITHOUT_ATR * 5
        case Metric.RSI | Metric.FEAR:
            return 10.0
        case Metric.FUNDING:
            return max(abs(line) / 2, 0.00005)
        case Metric.CHANGE | Metric.LIQUIDATIONS:
            return abs(line) / 2
        case _:
            return 0.0


def recovered(rule: Rule, state: RuleState, seen: Observation, line: float) -> bool:
    """Whether the value is past the re-arm line, which is apart from the line that fires."""
    value = seen.value if seen.value is not None else line
    if rule.metric in EXTREMES and state.extreme is not None:
        line = state.extreme
    distance = rearm_distance(rule, line, seen.atr)
    if rule.direction is Direction.EITHER:
        return abs(value) <= abs(line) - distance and not beyond(rule, value, line)
    back = value - line if rule.direction is Direction.BELOW else line - value
    return back >= distance and not beyond(rule, value, line)
