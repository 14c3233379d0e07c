import type { Redis } from 'ioredis';
import type { Reservation } from './local-gate.js';
import type { Scope } from './vendor.js';

/**
 * The algorithm of LocalGate over all scopes of one request at once, on Redis' own clock. KEYS: per scope the stretches
 * of places that are given away ("from-to from-to …") and its block. ARGV: the longest wait, then per scope the interval
 * (0: no rate) and how long the caller knows it to be blocked, so that a wiped Redis learns the block again.
 * All times are microseconds. Returns { granted, wait, wait in the first scope alone }.
 */
const ACQUIRE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local scopes = #KEYS / 2
local blocks, limits = {}, {}
for i = 1, scopes do
  local blocked = tonumber(redis.call('GET', KEYS[2 * i]) or 0)
  local known = tonumber(ARGV[2 * i + 1])
  if known > 0 and now + known > blocked then
    blocked = now + known
    redis.call('SET', KEYS[2 * i], string.format('%.0f', blocked), 'PX', math.ceil(known / 1000) + 1000)
  end
  blocks[i] = blocked
  local interval = tonumber(ARGV[2 * i])
  if interval > 0 then
    local limit = { key = KEYS[2 * i - 1], interval = interval, busy = {} }
    for from, to in string.gmatch(redis.call('GET', limit.key) or '', '(%d+)-(%d+)') do
      if to + interval > now then table.insert(limit.busy, { from = tonumber(from), to = tonumber(to) }) end
    end
    limits[i] = limit
  end
end
local function earliest(count)
  local at = now
  for i = 1, count do at = math.max(at, blocks[i]) end
  local before
  repeat
    before = at
    for i = 1, count do
      for _, busy in ipairs(limits[i] and limits[i].busy or {}) do
        if busy.to + limits[i].interval > at and at + limits[i].interval > busy.from then at = busy.to + limits[i].interval end
      end
    end
  until at == before
  return at
end
local longest = tonumber(ARGV[1])
local at = earliest(scopes)
local wait = at - now
if wait > longest then return { 0, wait, earliest(1) - now } end
for _, limit in pairs(limits) do
  local from, to = at, at
  local earlier, later = {}, {}
  local last = at
  for _, busy in ipairs(limit.busy) do
    local text = string.format('%.0f-%.0f', busy.from, busy.to)
    last = math.max(last, busy.to)
    if busy.to + 2 * limit.interval <= at then table.insert(earlier, text)
    elseif at + 2 * limit.interval <= busy.from then table.insert(later, text)
    else from, to = math.min(from, busy.from), math.max(to, busy.to) end
  end
  table.insert(earlier, string.format('%.0f-%.0f', from, to))
  for _, text in ipairs(later) do table.insert(earlier, text) end
  local ttl = math.ceil((last - now + limit.interval) / 1000) + 1000
  redis.call('SET', limit.key, table.concat(earlier, ' '), 'PX', ttl)
end
return { 1, wait, 0 }
`;

/** Blocks KEYS[1] for ARGV[1] microseconds from Redis' now; never earlier than what stands. */
const BLOCK = `
local time = redis.call('TIME')
local untilThen = time[1] * 1000000 + time[2] + ARGV[1]
if untilThen > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.0f', untilThen), 'PX', math.ceil(ARGV[1] / 1000) + 1000)
end
return 1
`;

interface GateCommands {
  deptrackerGateAcquire(keys: number, ...args: (string | number)[]): Promise<[number, number, number]>;
  deptrackerGateBlock(keys: number, ...args: (string | number)[]): Promise<number>;
}

const prepared = new WeakSet<Redis>();

/** ioredis sends each script by its hash and sends it whole again when Redis has forgotten it. */
function commands(redis: Redis): GateCommands {
  if (!prepared.has(redis)) {
    redis.defineCommand('deptrackerGateAcquire', { lua: ACQUIRE });
    redis.defineCommand('deptrackerGateBlock', { lua: BLOCK });
    prepared.add(redis);
  }
  return redis as unknown as GateCommands;
}

const micros = (ms: number): number => Math.round(ms * 1000);

/** Reserves for the whole fleet. `keyOf` names the scope's two keys; rejects where Redis cannot answer. */
export async function reserveShared(
  redis: Redis,
  keyOf: (scope: string) => { busy: string; blocked: string },
  scopes: readonly Scope[],
  maxWaitMs: number,
  blockedFor: (scope: string) => number,
): Promise<Reservation> {
  const keys = scopes.flatMap(({ name }) => [keyOf(name).busy, keyOf(name).blocked]);
  const args = scopes.flatMap(({ name, perMinute }) => [
    perMinute === null ? 0 : Math.ceil(60_000_000 / perMinute),
    micros(blockedFor(name)),
  ]);
  const answer = await commands(redis).deptrackerGateAcquire(keys.length, ...keys, micros(maxWaitMs), ...args);
  return { granted: answer[0] === 1, waitMs: answer[1] / 1000, firstMs: answer[2] / 1000 };
}

/** Blocks a scope for the whole fleet; rejects where Redis cannot answer. */
export async function blockShared(redis: Redis, key: string, ms: number): Promise<void> {
  await commands(redis).deptrackerGateBlock(1, key, micros(ms));
}
