"""A rule as one would type it: what Edit offers, what is listed, and what reads back as the same rule."""

from datetime import tzinfo
from decimal import Decimal

from handlers.alert_reader import INTERVALS, UNITS
from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Rule


def spelled(rule: Rule, zone: tzinfo) -> str:
    """Text that the grammar reads back as this rule on a clock of this zone, without its asset when it has none."""
    parts = [rule.asset.lower()] if rule.asset else []
    parts += [_condition(rule), *_options(rule, zone)]
    return " ".join(parts)


def duration(seconds: int) -> str:
    """In the largest unit that divides it: 90 minutes stay 90m."""
    for unit in ("w", "d", "h"):
        if seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    return f"{_plain(seconds / 60)}m"


def _condition(rule: Rule) -> str:
    compare = _compare(rule)
    value = _plain(rule.value)
    span = duration(rule.window) if rule.window else ""
    match rule.metric:
        case Metric.PRICE:
            close = f" close {rule.interval}" if rule.on_close else ""
            return f"{compare} {value}{close}"
        case Metric.CHANGE:
            sign = "+" if rule.value >= 0 and compare else ""
            return f"{compare} {sign}{value}% {span}".strip()
        case Metric.NEW_LOW | Metric.NEW_HIGH:
            return f"{rule.metric.value.replace('_', ' ')} {value}d"
        case Metric.LEVEL:
            return "level break"
        case Metric.HEADLINE:
            return f'word "{rule.word}"'
        case Metric.FUNDING:
            return f"funding {compare} {_in_percent(rule.value)}"
        case _:
            return " ".join(
                part for part in (_NAMES[rule.metric], compare, value, _tail(rule)) if part
            )


_NAMES = {
    Metric.RSI: "rsi",
    Metric.LIQUIDATIONS: "liqs",
    Metric.FLOW: "flows",
    Metric.FLOW_STREAK: "flows streak",
    Metric.FEAR: "fear",
}


def _tail(rule: Rule) -> str:
    if rule.metric is Metric.RSI:
        return rule.interval or INTERVALS[86400]
    return duration(rule.window) if rule.window else ""


def _compare(rule: Rule) -> str:
    if rule.direction is Direction.EITHER:
        return ""
    return ("<" if rule.direction is Direction.BELOW else ">") + ("=" if rule.inclusive else "")


def _options(rule: Rule, zone: tzinfo) -> list[str]:
    parts: list[str] = []
    if rule.hold:
        parts.append(f"for {duration(rule.hold)}")
    if rule.cooldown:
        parts.append(f"cooldown {duration(rule.cooldown)}")
    if rule.until:
        day = rule.last_day(zone)
        parts.append(f"until {day or f'{rule.until.astimezone(zone):%Y-%m-%d %H:%M}'}")
    if rule.rearm_at is not None:
        parts.append(f"rearm {_rearm(rule, rule.rearm_at)}")
    if rule.once:
        parts.append("once")
    if rule.severity is not Severity.WARNING:
        parts.append(rule.severity.value)
    return parts


def _rearm(rule: Rule, value: float) -> str:
    """With its plus where the sign of the alert would be taken for its own."""
    sign = "+" if rule.value < 0 <= value else ""
    return sign + (_in_percent(value) if rule.metric is Metric.FUNDING else _plain(value))


def _in_percent(share: float) -> str:
    """A rate as it is typed, exactly: a bare one could be taken for percent."""
    return _plain_of(Decimal(repr(float(share))) * 100) + "%"


def _plain(value: float) -> str:
    """Digits without an exponent, the shortest that reads back as the same number."""
    return _plain_of(Decimal(repr(float(value))))


def _plain_of(value: Decimal) -> str:
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, fraction = text.lstrip("-").partition(".")
    ambiguous = len(fraction) == 3 and whole != "0" and len(whole) <= 3
    return text + "0" if ambiguous else text
