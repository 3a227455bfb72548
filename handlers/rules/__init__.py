"""One file per kind of alert."""

from handlers.observing import RuleKind
from handlers.rules.change import CHANGE
from handlers.rules.extreme import EXTREME
from handlers.rules.fear import FEAR
from handlers.rules.flow import FLOW
from handlers.rules.funding import FUNDING
from handlers.rules.headline import HEADLINE
from handlers.rules.level import LEVEL
from handlers.rules.liquidations import LIQUIDATIONS
from handlers.rules.price import PRICE
from handlers.rules.rsi import RSI

KINDS: tuple[RuleKind, ...] = (
    PRICE, CHANGE, EXTREME, RSI, LIQUIDATIONS, FLOW, FUNDING, FEAR, LEVEL, HEADLINE,
)  # fmt: skip
