"""The first line of an alert: what happened, the number, the way."""

from datetime import date

from handlers.rule import Alert, Direction, Metric, Rule, Stage
from handlers.rule_words import window
from handlers.words import Words

ARROWS = {Direction.BELOW: "↓", Direction.ABOVE: "↑", Direction.EITHER: ""}


def title(rule: Rule, alert: Alert, words: Words) -> str:
    """ "BTC broke $70,000 ↓ — $69,842"."""
    value = alert.value if alert.value is not None else 0.0
    match rule.metric:
        case Metric.PRICE:
            return words(
                "{asset} broke {line} {arrow} — {price}",
                asset=rule.asset,
                line=words.price(rule.value),
                arrow=ARROWS[rule.direction],
                price=words.price(value),
            )
        case Metric.LEVEL:
            return _level(rule, alert, words)
        case Metric.NEW_LOW | Metric.NEW_HIGH:
            return _extreme(rule, alert, words)
        case Metric.HEADLINE:
            return words("“{word}”: {title}", word=rule.word, title=alert.detail.get("title", ""))
        case _:
            return _measured(rule, value, alert, words)


def _level(rule: Rule, alert: Alert, words: Words) -> str:
    below = alert.detail.get("direction") == Direction.BELOW.value
    line, price = float(alert.detail.get("line", 0.0)), alert.value or 0.0
    values = {
        "asset": rule.asset,
        "line": words.price(line),
        "arrow": "↓" if below else "↑",
        "price": words.price(price),
    }
    match alert.detail.get("stage"):
        case Stage.TOUCH.value:
            return words("{asset} touched {line} {arrow} — {price}", **values)
        case Stage.BREAK.value:
            return words("{asset} broke {line} {arrow} — hour closed at {price}", **values)
        case Stage.BACK.value if below:
            return words("{asset} is back below {line} {arrow} — closed at {price}", **values)
        case Stage.BACK.value:
            return words("{asset} is back above {line} {arrow} — closed at {price}", **values)
        case _ if below:
            return words("{asset} confirmed below {line} {arrow} — day closed at {price}", **values)
        case _:
            return words("{asset} confirmed above {line} {arrow} — day closed at {price}", **values)


def _extreme(rule: Rule, alert: Alert, words: Words) -> str:
    since, low = alert.detail.get("since"), rule.metric is Metric.NEW_LOW
    values = {"asset": rule.asset, "price": words.price(alert.value or 0.0)}
    if since is None:
        if low:
            return words("{asset} at {price} ↓ — lowest on record", **values)
        return words("{asset} at {price} ↑ — highest on record", **values)
    values["day"] = words.long_date(date.fromisoformat(str(since)))
    if low:
        return words("{asset} at {price} ↓ — lowest since {day}", **values)
    return words("{asset} at {price} ↑ — highest since {day}", **values)


def _measured(rule: Rule, value: float, alert: Alert, words: Words) -> str:
    values = {
        "asset": rule.asset,
        "arrow": ARROWS[rule.direction] or words.arrow(value),
        "label": words(str(alert.detail.get("label", ""))),
        "line": words.number(rule.value),
        "interval": rule.interval,
    }
    match rule.metric:
        case Metric.CHANGE:
            price = words.price(float(alert.detail.get("price", 0.0)))
            percent = words.percent(value)
            return words("{asset} {n} {arrow} — {price}", n=percent, price=price, **values)
        case Metric.RSI if rule.direction is Direction.BELOW:
            n = words.number(value, 1)
            return words("{asset} RSI {interval} {arrow} {n}, below {line}", n=n, **values)
        case Metric.RSI:
            n = words.number(value, 1)
            return words("{asset} RSI {interval} {arrow} {n}, above {line}", n=n, **values)
        case Metric.LIQUIDATIONS:
            money, span = words.money(value), window(rule, words)
            return words(
                "{asset} liquidations: {n} in {span} at least", n=money, span=span, **values
            )
        case Metric.FUNDING:
            percent = words.percent(value * 100, 4)
            return words("{asset} funding {arrow} {n}", n=percent, **values)
        case Metric.FEAR:
            return words("Fear & Greed {arrow} {n} — {label}", n=words.number(value), **values)
        case _:
            return _flow(rule, value, alert, words)


def _flow(rule: Rule, value: float, alert: Alert, words: Words) -> str:
    known = alert.detail.get("day")
    day = words.day(date.fromisoformat(str(known))) if known else ""
    if rule.metric is Metric.FLOW_STREAK:
        if value < 0:
            return words("{asset} ETFs: {n} days of outflows ↓", asset=rule.asset, n=int(-value))
        return words("{asset} ETFs: {n} days of inflows ↑", asset=rule.asset, n=int(value))
    money, arrow = words.money(value, signed=True), words.arrow(value)
    values = {"asset": rule.asset, "day": day, "arrow": arrow}
    return words("{asset} ETF flow of {day} {arrow} {n}", n=money, **values)
