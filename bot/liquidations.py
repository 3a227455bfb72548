"""Forced closes added up in Redis by minute and hour, venue and side, and when each feed was heard."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from providers.types import Liquidation, Side

KEPT = timedelta(days=35)
KEPT_SECONDS = int(KEPT.total_seconds())  # by the store's clock, which need not be ours
SEEN_SECONDS = 7200  # a venue repeats its latest events after a reconnect, not those of hours ago
TOP_SECONDS = 26 * 3600
TOP = 5  # per hour: when a sliding day leaves an hour's largest behind, the next are still there
BATCH = 200  # events per script; the store answers others in between
RESTART = timedelta(seconds=3)  # a shorter silence between two processes is a hand-over, not a hole

TAG = "lh:{liq}"  # one hash tag: everything that one script touches shares a slot
HEARD = f"{TAG}:heard"

# Each event counts once, whichever process brings it and however often. Amounts are whole cents: exact and small.
COUNT = f"""
local counted = 0
for i = 0, #KEYS / 4 - 1 do
  local k, a = i * 4, i * 5
  if redis.call('SADD', KEYS[k + 1], ARGV[a + 1]) == 1 then
    counted = counted + 1
    redis.call('EXPIRE', KEYS[k + 1], {SEEN_SECONDS})
    redis.call('HINCRBY', KEYS[k + 2], ARGV[a + 2], ARGV[a + 4])
    redis.call('EXPIRE', KEYS[k + 2], {KEPT_SECONDS})
    redis.call('HINCRBY', KEYS[k + 3], ARGV[a + 3], ARGV[a + 4])
    redis.call('EXPIRE', KEYS[k + 3], {KEPT_SECONDS})
    if ARGV[a + 5] ~= '' then
      redis.call('ZADD', KEYS[k + 4], ARGV[a + 4], ARGV[a + 5])
      redis.call('ZREMRANGEBYRANK', KEYS[k + 4], 0, -{TOP + 1})
      redis.call('EXPIRE', KEYS[k + 4], {TOP_SECONDS})
    end
  end
end
return counted
"""


def hour_key(asset: str, at: datetime) -> str:
    """Fields "mm:venue:L" and ":S" are cents closed in that minute, ":?" events of unknown value."""
    return f"{TAG}:m:{asset}:{at:%Y%m%d%H}"


def day_key(asset: str, at: datetime) -> str:
    """The same by hour: fields "hh:venue:L"."""
    return f"{TAG}:h:{asset}:{at:%Y%m%d}"


def top_key(asset: str, at: datetime) -> str:
    return f"{TAG}:top:{asset}:{at:%Y%m%d%H}"


def gaps_key(venue: str) -> str:
    return f"{TAG}:gaps:{venue}"


async def count(redis: Any, events: Sequence[Liquidation], now: datetime) -> int:
    """
    How many were new. By event time, and never later than `now`; may safely be repeated: what makes an event the same
    is the time its venue gave it. Raises redis's own errors.
    """
    counted = 0
    for start in range(0, len(events), BATCH):
        keys: list[str] = []
        words: list[str | int] = []
        for event in events[start : start + BATCH]:
            said = event.at
            at = min(said, now)
            keys += (
                f"{TAG}:seen:{said:%Y%m%d%H%M}",
                hour_key(event.asset, at),
                day_key(event.asset, at),
                top_key(event.asset, at),
            )
            words += _words(event, at)
        counted += int(await redis.eval(COUNT, len(keys), *keys, *words))
    return counted


async def heard(redis: Any, venue: str, feed: str, at: datetime, *, complete: bool) -> None:
    """This feed carries data again in a new process: what passed since the last one heard it is a hole."""
    last = await redis.hget(HEARD, f"last:{venue}:{feed}")
    if last is not None and at - (before := moment(last)) > RESTART:
        await missed(redis, venue, before, at)
    await redis.hsetnx(HEARD, f"since:{venue}", at.timestamp())
    await redis.hset(HEARD, f"complete:{venue}", int(complete))


async def still_heard(redis: Any, feeds: Sequence[tuple[str, str, datetime]]) -> None:
    """Venue, feed and time of its last data: what a successor measures its hole from."""
    if feeds:
        times = {f"last:{venue}:{feed}": at.timestamp() for venue, feed, at in feeds}
        await redis.hset(HEARD, mapping=times)


async def missed(redis: Any, venue: str, began: datetime, ended: datetime) -> None:
    """Nothing was heard of this venue between these times."""
    key = gaps_key(venue)
    await redis.zadd(key, {f"{began.timestamp()}|{ended.timestamp()}": ended.timestamp()})
    await redis.zremrangebyscore(key, "-inf", (ended - KEPT).timestamp())


def moment(raw: str | bytes | float) -> datetime:
    return datetime.fromtimestamp(float(raw), UTC)


def _words(event: Liquidation, at: datetime) -> tuple[str | int, ...]:
    side = "?" if event.usd is None else "L" if event.side is Side.LONG else "S"
    amount = 1 if event.usd is None else round(event.usd * 100)
    name = (
        event.venue,
        event.symbol,
        event.at.timestamp(),
        event.side,
        event.quantity,
        event.price,
    )
    counted = msgspec.structs.replace(event, at_ms=int(at.timestamp() * 1000))
    return (
        hashlib.blake2b(repr(name).encode(), digest_size=9).hexdigest(),
        f"{at:%M}:{event.venue}:{side}",
        f"{at:%H}:{event.venue}:{side}",
        amount,
        "" if event.usd is None else msgspec.json.encode(counted).decode(),
    )
