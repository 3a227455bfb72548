"""Why a level is one, in words."""

from handlers.analysis.levels import Level, Reason, ReasonKind
from handlers.analysis.zones import Kind, State
from handlers.words import Words


def reason(words: Words, why: Reason) -> str:
    """One reason with its price: 200-week EMA $68,360, swing low $74,508 of 7 Apr 2025."""
    price = words.price(why.price)
    match why.kind:
        case ReasonKind.SWING_LOW | ReasonKind.SWING_HIGH:
            return _swing(words, why, price)
        case ReasonKind.ALL_TIME_HIGH:
            return words("all-time high {price}", price=price)
        case ReasonKind.ROUND:
            return words("round number {price}", price=price)
        case ReasonKind.EMA_200W | ReasonKind.SMA_200W | ReasonKind.SMA_200D:
            return _average(words, why.kind, price)
        case ReasonKind.COST_CREATIONS | ReasonKind.COST_RUNNING:
            return _cost(words, why.kind, price)
        case ReasonKind.MAX_PAIN:
            expiry = words.long_date(why.expiry) if why.expiry else ""
            return words("max pain {price} of {expiry}", price=price, expiry=expiry)


def state(words: Words, level: Level) -> str:
    """What became of the zone: broken support, touched resistance."""
    was_support = level.kind is Kind.RESISTANCE
    match level.state:
        case State.INTACT:
            return words("untouched")
        case State.TOUCHED:
            return words("touched, never closed beyond")
        case State.BROKEN:
            return words("broken support") if was_support else words("broken resistance")
        case State.RETESTED:
            return words("broken, now being retested")
        case State.FLIPPED:
            return (
                words("broken support, turned resistance")
                if was_support
                else words("broken resistance, turned support")
            )


def _swing(words: Words, why: Reason, price: str) -> str:
    on = words.long_date(why.at.date()) if why.at else ""
    if why.kind is ReasonKind.SWING_LOW:
        return words("swing low {price} of {date}", price=price, date=on)
    return words("swing high {price} of {date}", price=price, date=on)


def _average(words: Words, kind: ReasonKind, price: str) -> str:
    if kind is ReasonKind.EMA_200W:
        return words("200-week EMA {price}", price=price)
    if kind is ReasonKind.SMA_200W:
        return words("200-week average {price}", price=price)
    return words("200-day average {price}", price=price)


def _cost(words: Words, kind: ReasonKind, price: str) -> str:
    if kind is ReasonKind.COST_CREATIONS:
        return words("ETF cost basis (creations) {price}", price=price)
    return words("ETF cost basis (running) {price}", price=price)
