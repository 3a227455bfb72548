"""Rules in words, as they are echoed to whoever wrote them and quoted in every alert."""

from datetime import timedelta

from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Phase, Rule, RuleState
from handlers.words import Words


def in_words(rule: Rule, words: Words) -> str:
    """ "BTC below $70,000 at an hourly close, for 10 min, once"."""
    return ", ".join([_condition(rule, words), *_options(rule, words)])


def _condition(rule: Rule, words: Words) -> str:
    asset = rule.asset or ""
    match rule.metric:
        case Metric.PRICE:
            text = _compared(rule, asset, words.price(rule.value), words)
            return (
                f"{text} {words('at a close of {n}', n=rule.interval)}" if rule.on_close else text
            )
        case Metric.CHANGE:
            return _change(rule, words)
        case Metric.NEW_LOW:
            return words("{asset} at a new low of {n} days", asset=asset, n=int(rule.value))
        case Metric.NEW_HIGH:
            return words("{asset} at a new high of {n} days", asset=asset, n=int(rule.value))
        case Metric.LEVEL:
            return words("{asset} breaks a level, either way", asset=asset)
        case Metric.HEADLINE:
            return words("a headline with “{word}”", word=rule.word)
        case _:
            return _measure(rule, words)


def _measure(rule: Rule, words: Words) -> str:
    asset, value = rule.asset or "", rule.value
    match rule.metric:
        case Metric.RSI:
            name = words("{asset} RSI {interval}", asset=asset, interval=rule.interval)
            return _compared(
                rule, name, words.number(value, 0 if value == int(value) else 1), words
            )
        case Metric.LIQUIDATIONS:
            name = words("{asset} liquidations in {span}", asset=asset, span=window(rule, words))
            return _compared(rule, name, words.money(value), words)
        case Metric.FLOW:
            name = words("{asset} ETF flow of a day", asset=asset)
            return _compared(rule, name, words.money(value, signed=True), words)
        case Metric.FLOW_STREAK:
            return _streak(rule, words)
        case Metric.FUNDING:
            name = words("{asset} funding", asset=asset)
            return _compared(rule, name, words.percent(value * 100, 4 if value else 0), words)
        case _:
            return _compared(rule, words("Fear & Greed"), words.number(value), words)


def shown(rule: Rule, value: float, words: Words) -> str:
    """A value in its metric's unit."""
    match rule.metric:
        case Metric.PRICE | Metric.LEVEL | Metric.NEW_LOW | Metric.NEW_HIGH:
            return words.price(value)
        case Metric.CHANGE:
            return words.percent(value)
        case Metric.LIQUIDATIONS | Metric.FLOW:
            return words.money(value, signed=rule.metric is Metric.FLOW)
        case Metric.FUNDING:
            return words.percent(value * 100, 4)
        case _:
            return words.number(value, 1 if rule.metric is Metric.RSI else 0)


def window(rule: Rule, words: Words) -> str:
    """The span a rule looks back over; a day is 24 h, since it is no day of the calendar."""
    length = timedelta(seconds=rule.window or 0)
    return words("24 h") if length == timedelta(days=1) else words.span(length)


def _streak(rule: Rule, words: Words) -> str:
    """How many days it takes: "< -3" is more than three."""
    asset, days = rule.asset or "", int(abs(rule.value)) + (not rule.inclusive)
    if rule.direction is Direction.EITHER:
        return words("{asset} ETF flows {n} days in a row one way", asset=asset, n=days)
    if rule.direction is Direction.BELOW and rule.value < 0:
        return words("{asset} ETF flows: {n} days of outflow in a row", asset=asset, n=days)
    if rule.direction is Direction.ABOVE and rule.value > 0:
        return words("{asset} ETF flows: {n} days of inflow in a row", asset=asset, n=days)
    name = words("{asset} ETF flows, days in a row", asset=asset)
    return _compared(rule, name, words.number(rule.value), words)


def _change(rule: Rule, words: Words) -> str:
    """A fall below −5 % and a rise above +5 % are told by their sign alone; what is neither is told as it is."""
    either = rule.direction is Direction.EITHER
    values = {
        "asset": rule.asset,
        "percent": words.percent(rule.value, signed=not either),
        "span": window(rule, words),
    }
    if either:
        return words("{asset} {percent} within {span}, either way", **values)
    if (rule.direction is Direction.BELOW) is not (rule.value < 0):
        name = words("{asset} change within {span}", **values)
        return _compared(rule, name, str(values["percent"]), words)
    if rule.inclusive:
        return words("{asset} {percent} or more within {span}", **values)
    return words("{asset} {percent} within {span}", **values)


def _compared(rule: Rule, name: str, value: str, words: Words) -> str:
    if rule.inclusive and rule.direction is Direction.BELOW:
        return words("{name} at or below {value}", name=name, value=value)
    if rule.inclusive:
        return words("{name} at or above {value}", name=name, value=value)
    if rule.direction is Direction.BELOW:
        return words("{name} below {value}", name=name, value=value)
    return words("{name} above {value}", name=name, value=value)


def _options(rule: Rule, words: Words) -> list[str]:
    parts = []
    if rule.hold:
        parts.append(words("for {span}", span=words.span(timedelta(seconds=rule.hold))))
    if rule.cooldown:
        span = words.span(timedelta(seconds=rule.cooldown))
        if rule.metric is Metric.LEVEL:
            parts.append(words("each level at most every {span}", span=span))
        else:
            parts.append(words("at most every {span}", span=span))
    if rule.until:
        day = rule.last_day(words.zone)
        end = words.long_date(day) if day else words.time(rule.until)
        parts.append(words("until {day}", day=end))
    if rule.rearm_at is not None:
        parts.append(words("ready again at {value}", value=_rearmed(rule, rule.rearm_at, words)))
    if rule.once:
        parts.append(words("once"))
    if rule.severity is not Severity.WARNING:
        parts.append(words(rule.severity.value))
    return parts


def _rearmed(rule: Rule, value: float, words: Words) -> str:
    if rule.direction is Direction.EITHER and rule.metric is Metric.CHANGE:
        return words.percent(value, signed=False)
    return shown(rule, value, words)


def phase_in_words(state: RuleState, words: Words) -> str:
    """What a rule is doing now, in one or two words."""
    if state.muted:
        return words("muted")
    names = {
        Phase.ARMED: words("armed"),
        Phase.PENDING: words("pending"),
        Phase.FIRING: words("firing"),
        Phase.RECOVERING: words("recovering"),
        Phase.RESOLVED: words("armed"),
        Phase.NO_DATA: words("no data"),
        Phase.ERROR: words("error"),
        Phase.DONE: words("done"),
    }
    return names[state.shown]
