"""
The outbox's Lua. KEYS[1] is the shard's prefix with its hash tag; every key a script makes from it has the same tag,
so each script is legal on a cluster. Each may run twice (a lost answer is asked again) with the effect of once.

Under the prefix: `owed` the stream with its consumer group · `d:<id>` a delivery's record · `dead` given-up deliveries
by time · `claim:<name>` · `chat:<channel>` the notebook's hash · `message:<rule>:<channel>` where the last alert
stands · `sent:<chat>` when it was last written to, newest first · `hold:<chat>` until when the platform wants it left
alone.
Of a record: st state · c channel · tok, until who sends and how long · started the first send whose end is unknown ·
n tries · retry not before · mid, sent the message · why, body of what was given up.
"""

from bot.changes import TELL

GROUP = "delivery"

_START = f"""
local P, out, GROUP = KEYS[1], {{}}, '{GROUP}'
"""
_START += """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function record(id) return P .. ':d:' .. id end
local function of_chat(name, channel) return P .. ':' .. name .. ':' .. string.match(channel, '^[^/]+') end
-- As many, and for as long, as the widest window of a platform asks for.
local function wrote_to(channel)
  local key = of_chat('sent', channel)
  redis.call('LPUSH', key, now)
  redis.call('LTRIM', key, 0, 19)
  redis.call('PEXPIRE', key, 60000)
end
local function owe(id, channel, body, kept)
  if redis.call('EXISTS', record(id)) == 1 then return end
  redis.call('HSET', record(id), 'st', 'queued', 'c', channel)
  redis.call('PEXPIRE', record(id), kept)
  redis.call('XADD', P .. ':owed', '*', 'b', body)
end
local function drop(entry)
  redis.call('XACK', P .. ':owed', GROUP, entry)
  redis.call('XDEL', P .. ':owed', entry)
end
local function give_up(entry, id, body, state, why, at, kept)
  redis.call('HSET', record(id), 'st', state, 'why', why, 'body', body)
  redis.call('PEXPIRE', record(id), kept)
  drop(entry)
  if state ~= 'expired' then redis.call('ZADD', P .. ':dead', at, id) end
end
"""

OWE = (
    _START
    + """
local claim, token, ttl, kept = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if claim ~= '' then
  local key = P .. ':claim:' .. claim
  local holder = redis.call('GET', key)
  if holder then return holder == token and 1 or 0 end
  redis.call('SET', key, token, 'PX', ttl)
end
for i = 5, #ARGV, 3 do owe(ARGV[i], ARGV[i + 1], ARGV[i + 2], kept) end
return 1"""
)

# Hand what was handed out before, and is not settled, to `me`: all of it from `from` on, or with `others` only what is
# not mine yet. A page at a time: the answer begins with where the next one does. Who has nothing left is struck off.
CLAIM = (
    _START
    + """
local me, from, most, others = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local stream, ids = P .. ':owed', {}
if not others then redis.pcall('XGROUP', 'CREATE', stream, GROUP, '0', 'MKSTREAM') end -- or it is there already
local function pending(...)
  for _, row in ipairs(redis.call('XPENDING', stream, GROUP, from, '+', most - #ids, ...)) do
    ids[#ids + 1] = row[1]
  end
end
if not others then pending()
else
  for _, row in ipairs(redis.call('XPENDING', stream, GROUP)[4] or {}) do
    if row[1] ~= me and #ids < most then pending(row[1]) end
  end
end
if #ids > 0 then
  local lying = {}
  for _, entry in ipairs(redis.call('XCLAIM', stream, GROUP, me, '0', unpack(ids))) do
    if entry and entry[2] then
      out[#out + 1] = {entry[1], entry[2][2]}
      lying[entry[1]] = true
    end
  end
  for _, id in ipairs(ids) do
    if not lying[id] then drop(id) end -- deleted while it was in hand: Redis 6 would name it for ever
  end
end
if #ids == most then return {'(' .. ids[most], out} end
for _, row in ipairs(others and {} or redis.call('XINFO', 'CONSUMERS', stream, GROUP)) do
  if row[2] ~= me and row[4] == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, GROUP, row[2]) end
end
return {'', out}"""
)

# How many were handed out and are not settled; none before anybody was.
IN_HAND = (
    _START
    + """
local found = redis.pcall('XPENDING', P .. ':owed', GROUP)
return tonumber(found[1]) or 0"""
)

ADVANCE = (
    _START
    + """
for i = 2, #ARGV, 6 do
  local chat, name = P .. ':chat:' .. ARGV[i], 'state:' .. ARGV[i + 1]
  local stored, fresh = redis.call('HGET', chat, name), ARGV[i + 3]
  local ok = 0
  if stored == fresh then ok = 1
  elseif stored and (cjson.decode(stored)['version'] or 0) == tonumber(ARGV[i + 2]) then
    redis.call('HSET', chat, name, fresh)
    ok = 1
  end
  if ok == 1 and ARGV[i + 4] ~= '' then owe(ARGV[i + 4], ARGV[i], ARGV[i + 5], ARGV[1]) end
  out[#out + 1] = ok
end
return out"""
)

BEGIN = (
    _START
    + """
local token, lease, within, kept = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local asked, batch, channel, windows = tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8]
-- What a process knows of a chat's pace dies with it, so the next one asks here how long to let the chat rest.
-- Its own sends never make it wait: it counts from the end of SETTLE, which is later.
local function rests()
  local wait = (redis.call('GET', of_chat('hold', channel)) or 0) - asked
  for n, span in string.gmatch(windows, '(%d+):(%d+)') do
    local sent = redis.call('LINDEX', of_chat('sent', channel), n - 1)
    if sent then wait = math.max(wait, sent + span - now) end
  end
  return wait
end
local rest = rests()
local function begin(entry, id, body)
  local r = redis.call('HMGET', record(id), 'st', 'tok', 'until', 'started', 'n', 'retry', 'verdict', 'batch')
  local state, tries = r[1] or 'queued', r[5] or '0'
  local mine = r[2] == token
  if state ~= 'queued' and state ~= 'sending' then
    drop(entry)
    return {'gone', tries, '0', ''}
  end
  if mine and state == 'sending' then return {r[7], tries, '0', r[8]} end
  -- The lease runs by the store's clock, which all share; the time of a retry was told by the caller's.
  local wait = (r[6] or 0) - asked
  if state == 'sending' then wait = r[3] - now end
  wait = math.max(wait, rest)
  if wait > 0 then return {'wait', tries, tostring(wait), ''} end
  local verdict = 'send'
  if r[4] then
    if within >= 0 and now - tonumber(r[4]) >= within then
      give_up(entry, id, body, 'unknown', 'a send before may have arrived', now, kept)
      return {'unknown', tries, '0', ''}
    end
    verdict, batch = 'repeat', r[8] or batch
  end
  redis.call('HSET', record(id), 'st', 'sending', 'tok', token, 'until', now + lease,
    'started', r[4] or now, 'verdict', verdict, 'batch', batch)
  redis.call('PEXPIRE', record(id), kept)
  return {verdict, tries, '0', batch}
end
for i = 9, #ARGV, 3 do
  batch = ARGV[6]
  local before = out[#out]
  -- A chat keeps its order: nothing overtakes what must wait.
  if before and before[1] == 'wait' then out[#out + 1] = before
  else out[#out + 1] = begin(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
end
return out"""
)

SETTLE = (
    _START
    + """
local channel
for i = 5, #ARGV, 3 do
  local r = redis.call('HMGET', record(ARGV[i + 1]), 'tok', 'c')
  channel = r[2] or channel
  if r[1] == ARGV[1] then
    redis.call('HSET', record(ARGV[i + 1]), 'st', 'done', 'mid', ARGV[2], 'sent', ARGV[3])
    redis.call('PEXPIRE', record(ARGV[i + 1]), ARGV[4])
    drop(ARGV[i])
    if ARGV[i + 2] ~= '' then
      redis.call('SET', P .. ':message:' .. ARGV[i + 2] .. ':' .. r[2], ARGV[2], 'PX', ARGV[4])
    end
  end
end
if channel then wrote_to(channel) end
return 1"""
)

POSTPONE = (
    _START
    + """
local channel
for i = 5, #ARGV do
  local key = record(ARGV[i])
  local r = redis.call('HMGET', key, 'tok', 'c')
  if r[1] == ARGV[1] then
    channel = r[2]
    redis.call('HSET', key, 'st', 'queued', 'retry', ARGV[2])
    redis.call('HDEL', key, 'tok')
    if ARGV[3] == '1' then redis.call('HINCRBY', key, 'n', 1) end
    if ARGV[4] == '0' then redis.call('HDEL', key, 'started') end
  end
end
if channel and ARGV[4] == '1' then wrote_to(channel) end
-- Not a failed try but told to wait: that holds for all of the chat.
local held = ARGV[2] - now
if channel and ARGV[3] == '0' and held > 0 then
  redis.call('SET', of_chat('hold', channel), ARGV[2], 'PX', held)
end
return 1"""
)

GIVE_UP = (
    _START
    + """
for i = 5, #ARGV, 3 do
  if redis.call('HGET', record(ARGV[i + 1]), 'st') ~= 'done' then
    give_up(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
  end
end
return 1"""
)

# For a chat that is still paused: each is given up, and counted in the chat's hash, once.
WITHHOLD = (
    _START
    + """
local chat, why, at, kept = P .. ':chat:' .. ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local chosen = redis.call('HGET', chat, 'prefs')
if not chosen or type(cjson.decode(chosen)['paused_because']) ~= 'string' then return 0 end
for i = 5, #ARGV, 5 do
  local state = redis.call('HGET', record(ARGV[i + 1]), 'st')
  if state ~= 'done' then
    if state ~= 'expired' then
      redis.call('HINCRBY', chat, 'withheld:' .. ARGV[i + 3], 1)
      redis.call('HINCRBY', chat, 'withheld:all', 1)
      redis.call('HSETNX', chat, 'withheld:since', ARGV[i + 4])
    end
    give_up(ARGV[i], ARGV[i + 1], ARGV[i + 2], 'expired', why, at, kept)
  end
end
return 1"""
)

# Unless the chat changed since it was read: its preferences, and what is owed for what was withheld meanwhile. Its keys
# are those of bot/notebook.py: the chat's hash, its shard's list of channels, its shard's changes.
RESUME = (
    _START
    + TELL
    + """
local chat = KEYS[1]
P = string.match(chat, '^lh:{s%d+}')
local function now(name) return redis.call('HGET', chat, name) or '' end
if now('prefs') ~= ARGV[2] or now('withheld:all') ~= ARGV[3] then return 0 end
redis.call('HSET', chat, 'prefs', ARGV[4])
if ARGV[5] ~= '' then owe(ARGV[5], ARGV[1], ARGV[6], ARGV[7]) end
for _, name in ipairs(redis.call('HKEYS', chat)) do
  if string.sub(name, 1, 9) == 'withheld:' then redis.call('HDEL', chat, name) end
end
tell()
return 1"""
)

DEAD = (
    _START
    + """
local found = redis.call('ZREVRANGE', P .. ':dead', 0, ARGV[1] - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  local r = redis.call('HMGET', record(found[i]), 'c', 'st', 'why')
  if r[1] then out[#out + 1] = {found[i], r[1], r[2] or '', r[3] or '', found[i + 1]}
  else redis.call('ZREM', P .. ':dead', found[i]) end
end
return out"""
)

RESEND = (
    _START
    + """
if redis.call('ZREM', P .. ':dead', ARGV[1]) == 0 then return 0 end
redis.call('HSET', record(ARGV[1]), 'st', 'queued')
redis.call('HDEL', record(ARGV[1]), 'tok', 'until', 'started', 'n', 'retry', 'why', 'body')
redis.call('XADD', P .. ':owed', '*', 'b', ARGV[2])
return 1"""
)
