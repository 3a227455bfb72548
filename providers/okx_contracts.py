"""
What one OKX contract is worth. Sizes on derivatives are counted in contracts, not in coins.

GET /api/v5/public/instruments?instType=SWAP (okx.com/docs-v5, "Get instruments"): ctVal, ctMult, ctType.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import Struct, field

from providers.quote import Price


@dataclass(frozen=True, slots=True)
class Contract:
    """`value` is in coins, or in dollars when the contract is inverse."""

    value: float
    inverse: bool


# What OKX documents for its two oldest coins, so that they are counted from the first frame on.
DOCUMENTED = {
    "BTC-USDT-SWAP": Contract(0.01, inverse=False),
    "ETH-USDT-SWAP": Contract(0.1, inverse=False),
    "BTC-USD-SWAP": Contract(100.0, inverse=True),
    "ETH-USD-SWAP": Contract(10.0, inverse=True),
}


class Contracts:
    """Grows as instruments are learned; `sized` of a contract nobody told us of is not guessed."""

    def __init__(self, known: Mapping[str, Contract] = DOCUMENTED) -> None:
        self._known = dict(known)

    def learn(self, contracts: Mapping[str, Contract]) -> None:
        self._known.update(contracts)

    def sized(self, symbol: str, size: float, price: float) -> tuple[float | None, float | None]:
        """Coins and dollars of `size` contracts; None and None for an unknown contract."""
        contract = self._known.get(symbol)
        if contract is None:
            return None, None
        if contract.inverse:
            usd = size * contract.value
            return usd / price, usd
        coins = size * contract.value
        return coins, coins * price

    def usd(self, symbol: str, size: float) -> float | None:
        """Dollars of `size` inverse contracts, which need no price; None for every other."""
        contract = self._known.get(symbol)
        return size * contract.value if contract is not None and contract.inverse else None


class _Instrument(Struct):
    symbol: str = field(name="instId")
    value: Price = field(name="ctVal")
    kind: Literal["linear", "inverse"] = field(name="ctType")
    multiplier: Price = field(name="ctMult", default=1.0)


class _Instruments(Struct):
    data: list[msgspec.Raw]


def parse_contracts(text: str) -> dict[str, Contract]:
    """Instruments without a contract value (spot, or not yet listed) are left out."""
    found: dict[str, Contract] = {}
    for raw in msgspec.json.decode(text, type=_Instruments).data:
        try:
            row = msgspec.json.decode(raw, type=_Instrument, strict=False)
        except msgspec.ValidationError:
            continue
        found[row.symbol] = Contract(row.value * row.multiplier, row.kind == "inverse")
    return found
