"""What becomes of an alert, whether it fired or not: recovered, expired, without data, without its asset."""

from datetime import datetime

from handlers.alert_titles import title
from handlers.rule import Alert, Direction, Rule, Transition
from handlers.rule_words import in_words, shown
from handlers.words import Words


def headline(rule: Rule, alert: Alert, words: Words) -> str:
    """An alert in one line that stands for itself, among those of other rules."""
    if alert.transition.is_fire:
        return words.join((title(rule, alert, words), *afterwards(rule, alert, words)))
    return words.join((in_words(rule, words), ended(rule, alert, words)))


def ended(rule: Rule, alert: Alert, words: Words) -> str:
    """The first line of a message that tells an end alone."""
    match alert.transition:
        case Transition.RESOLVED:
            return _recovered(rule, alert, words)
        case Transition.EXPIRED:
            return words("Alert #{id} has expired", id=rule.id)
        case Transition.ERROR:
            return not_followed(rule, words)
        case _:
            return words("Alert #{id} has no data", id=rule.id)


def not_followed(rule: Rule, words: Words) -> str:
    return words("Alert #{id}: {asset} is no longer followed here", id=rule.id, asset=rule.asset)


def afterwards(rule: Rule, alert: Alert, words: Words) -> list[str]:
    """What became of it before it was told, a line each."""
    return [_since(rule, end, words) for end in alert.then]


def _since(rule: Rule, end: Alert, words: Words) -> str:
    time = words.clock(end.at)
    match end.transition:
        case Transition.RESOLVED if end.value is not None:
            value = shown(rule, end.value, words)
            back = words("Recovered {time} at {value}", time=time, value=value)
            return ", ".join((back, *_extreme(rule, end, words)))
        case Transition.RESOLVED:
            return _recovered(rule, end, words)
        case Transition.EXPIRED:
            return words("This alert expired at {time}", time=time)
        case Transition.ERROR:
            return words("{asset} is no longer followed here.", asset=rule.asset)
        case _:
            blind = datetime.fromisoformat(str(end.detail.get("blind", end.at.isoformat())))
            return words("No data since {time}", time=words.clock(blind))


def _recovered(rule: Rule, alert: Alert, words: Words) -> str:
    parts = [words("Recovered {time}", time=words.clock(alert.at)), *_extreme(rule, alert, words)]
    began = alert.detail.get("began")
    if began is not None:
        parts.append(words.span(alert.at - datetime.fromisoformat(str(began))))
    return ", ".join(parts)


def _extreme(rule: Rule, alert: Alert, words: Words) -> tuple[str, ...]:
    """How far it had gone, where that is known."""
    extreme = alert.detail.get("extreme")
    if extreme is None:
        return ()
    number, low = shown(rule, float(extreme), words), rule.direction is Direction.BELOW
    return (words("low {n}", n=number) if low else words("high {n}", n=number),)
