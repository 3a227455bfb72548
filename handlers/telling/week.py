"""How price stands to its 200-week exponential average."""

from handlers.analysis.price import change_pct
from handlers.facts.shapes import Facts, Missing, Section
from handlers.reply import Line, Strong
from handlers.telling.as_of import as_of
from handlers.words import Words


def long_average(words: Words, facts: Facts) -> tuple[Line, ...]:
    if isinstance(facts.trend, Missing) or isinstance(facts.price, Missing):
        return ()
    average = facts.trend.value.ema200w
    gap = None if average is None else change_pct(facts.price.value.last, average)
    if average is None or gap is None:
        return ()
    pct, price = words.percent(abs(gap), signed=False), words.price(average)
    said = (
        words("{price}, price {pct} above it", price=price, pct=pct)
        if gap >= 0
        else words("{price}, price {pct} below it", price=price, pct=pct)
    )
    label = Strong(words("200-week EMA"))
    return ((label, f" {said}", *as_of(words, Section.TREND, facts.trend, facts.at)),)
