"""One alert of each kind that works as it stands: what an error about such an alert shows."""

import re

from handlers.rule import Metric

EXAMPLES = {
    Metric.PRICE: "/alert add btc < 70000 close 1h",
    Metric.CHANGE: "/alert add btc -5% 1h",
    Metric.NEW_LOW: "/alert add btc new low 90d",
    Metric.NEW_HIGH: "/alert add btc new high 90d",
    Metric.RSI: "/alert add btc rsi < 25 4h",
    Metric.LIQUIDATIONS: "/alert add liqs > 500M 24h",
    Metric.FLOW: "/alert add flows < -500M",
    Metric.FLOW_STREAK: "/alert add flows streak 5",
    Metric.FUNDING: "/alert add funding < -0.01%",
    Metric.FEAR: "/alert add fear < 15",
    Metric.LEVEL: "/alert add btc level break",
    Metric.HEADLINE: '/alert add word "bailout"',
}
_SIGNS = (  # the first that is found in what was typed names the metric
    (r"\b(words?|headlines?)\b", Metric.HEADLINE),
    (r"\brsi\b", Metric.RSI),
    (r"\bliq", Metric.LIQUIDATIONS),
    (r"\bstreak\b", Metric.FLOW_STREAK),
    (r"\betfs?\b|flows?\b", Metric.FLOW),
    (r"\bfunding\b", Metric.FUNDING),
    (r"\b(fear|greed|fng)\b", Metric.FEAR),
    (r"\blevels?\b", Metric.LEVEL),
    (r"\blow\b", Metric.NEW_LOW),
    (r"\bhigh\b", Metric.NEW_HIGH),
    (r"%|\bpercent\b", Metric.CHANGE),
)


def example_like(typed: str) -> str:
    """An alert of the kind that was tried."""
    found = (metric for sign, metric in _SIGNS if re.search(sign, typed, re.IGNORECASE))
    return EXAMPLES[next(found, Metric.PRICE)]
