"""What Binance's symbols tell: the coin, and whether a contract is counted in dollars."""

QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "USD")
BITCOIN_USD, OTHER_USD = 100.0, 10.0  # in one coin-margined contract


def is_coin_margined(symbol: str) -> bool:
    """BTCUSD_PERP and BTCUSD_260327, but not BTCUSDT_260327."""
    return "USD_" in symbol


def contract_usd(symbol: str) -> float:
    """Dollars in one coin-margined contract: 100 for Bitcoin, 10 for every other coin."""
    return BITCOIN_USD if symbol.startswith("BTCUSD") else OTHER_USD


def asset_of(symbol: str) -> str:
    """ "BTC" of BTCUSDT, BTCUSDT_260327 and BTCUSD_PERP; 1000PEPEUSDT is an asset of its own."""
    coin, margined, _ = symbol.partition("USD_")
    if margined and coin:
        return coin  # before the quotes: BNBUSD is BNB in dollars, not BN in BUSD
    pair = symbol.partition("_")[0]
    return next((pair.removesuffix(q) for q in QUOTES if pair.endswith(q) and pair != q), pair)
