"""One forced close as each venue sends it; the documented shape with invented values."""

BINANCE = (
    b'{"stream":"!forceOrder@arr","data":{"e":"forceOrder","E":1893500000123,"o":{"s":"BTCUSDT","S":"SELL",'
    b'"o":"LIMIT","f":"IOC","q":"0.014","p":"69910","ap":"70123.5","X":"FILLED","l":"0.014","z":"0.014",'
    b'"T":1893500000123}}}'
)
OKX = (
    b'{"arg":{"channel":"liquidation-orders","instType":"SWAP"},"data":[{"details":[{"bkLoss":"0",'
    b'"bkPx":"70007.8","ccy":"","posSide":"short","side":"buy","sz":"13","ts":"1893500000123"}],'
    b'"instFamily":"BTC-USDT","instId":"BTC-USDT-SWAP","instType":"SWAP","uly":"BTC-USDT"}]}'
)
BYBIT = (
    b'{"topic":"allLiquidation.BTCUSDT","type":"snapshot","ts":1893500000123,"data":[{"T":1893500000123,'
    b'"s":"BTCUSDT","S":"Buy","v":"0.2","p":"70004.9"}]}'
)
