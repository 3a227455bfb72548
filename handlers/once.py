"""What an alert judges once, however often it is looked at: a day, a headline, a close."""

import msgspec

from handlers.rule import Metric, Observation, Rule, RuleState

EVENTS = (Metric.FLOW, Metric.HEADLINE)  # each new day or headline is judged once
KEPT_KEYS = 50  # headlines of a word that are remembered one by one


def unjudged(
    rule: Rule, state: RuleState, seen: tuple[Observation, ...]
) -> tuple[Observation, ...]:
    """
    What is left to look at, oldest first: of things that are judged once, those that came since the last. When none
    was judged yet only the newest counts, and it stays in any case to show that something is seen.
    """
    if not seen or not once(rule, seen[-1]):
        return seen
    if rule.metric is not Metric.HEADLINE and (state.key is None or known(state, seen[-1])):
        return seen[-1:]
    return tuple(one for one in seen if not known(state, one)) or seen[-1:]


def once(rule: Rule, seen: Observation) -> bool:
    """Whether this is judged once: a day, a headline, a close."""
    by_key = rule.metric in (*EVENTS, Metric.FLOW_STREAK, Metric.LEVEL) or rule.on_close
    return seen.key is not None and by_key


def known(state: RuleState, seen: Observation) -> bool:
    if seen.key is None or seen.key in state.seen:
        return True
    return state.key is not None and seen.key <= state.key


def judged(rule: Rule, state: RuleState, key: str) -> RuleState:
    """Headlines come out of order, so each is remembered; whatever is older than those kept counts as judged."""
    if rule.metric is not Metric.HEADLINE:
        return msgspec.structs.replace(state, key=key)
    keys = sorted((*state.seen, key))
    older, kept = keys[:-KEPT_KEYS], keys[-KEPT_KEYS:]
    return msgspec.structs.replace(state, seen=tuple(kept), key=older[-1] if older else state.key)
