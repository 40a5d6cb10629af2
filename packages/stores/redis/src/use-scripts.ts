import type { Script } from "./redis-client.ts";

// A count is one number in a hash of Redis: the uses, followed by the 13 digits of the last call that took one. Counts of
// tokens that expire together are fields of one hash (use-places.ts), which takes a quarter of the memory of a key for each.
// All judge time by Redis's own clock, so that clocks of servers do not matter.

/**
 * Takes some uses, and answers how many of each token are taken then, with commas between them: 0 where none was left, or
 * where the token has expired, and -1 where the key holds something else.
 *
 * KEYS: the buckets. ARGV: the id of the call with the first of all expiries in ms behind it; then for each use its bucket
 * as a letter from "0" on, how many ms before that it expires, in 4 digits, and its field with a space behind it; and their
 * limits in 16 digits each, unless all are 1. So few arguments, and one text as the answer, take clients a third of the time
 * of one each.
 *
 * SECURITY: clients send a call again when its answer was lost. It counts once, and is answered as before
 * (create-redis-use-store.resend.test.ts, "takes one use"). A second use of one token in one call is another use
 * (create-redis-use-store.test.ts, "uses of one token at once").
 */
export const TAKE_USES: Script = {
  sha: "f2039a4ab04fb554fcad95a2f36d1f483073314c",
  source: `
local call, sub, byte = redis.call, string.sub, string.byte
local time = call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local id, limits = sub(ARGV[1], 1, 13), ARGV[3]
local one, isSomeExpired = "1" .. id, tonumber(sub(ARGV[1], 14)) <= now
local keys, fields, taken, seen, others = {}, {}, {}, {}, {}

local function expiryOf(key) return tonumber(string.match(key, "{(%-?%d+)%.%w?}$")) * 10000 end

local i = 0
for letter, laterMs, field in string.gmatch(ARGV[2], "(.)(%d%d%d%d)(%S*) ") do
  i = i + 1
  local key = KEYS[byte(letter) - 47]
  keys[i], fields[i] = key, field
  local isExpired = isSomeExpired and expiryOf(key) - tonumber(laterMs) <= now
  local isNew = not isExpired and redis.pcall("HSETNX", key, field, one)
  if isExpired then
    taken[i] = "0"
  elseif isNew == 1 then
    taken[i] = "1"
    if not seen[key] and call("HLEN", key) == 1 then call("PEXPIREAT", key, expiryOf(key)) end
    seen[key] = true
  elseif isNew == 0 then
    others[#others + 1] = i
  elseif string.find(isNew.err, "WRONGTYPE", 1, true) then
    taken[i] = "-1"
  else
    return isNew
  end
end

for _, i in ipairs(others) do
  local key, field = keys[i], fields[i]
  local limit = limits and tonumber(sub(limits, 16 * i - 15, 16 * i)) or 1
  local count = call("HGET", key, field)
  local used = tonumber(string.match(count, "^(%d+)%d%d%d%d%d%d%d%d%d%d%d%d%d$"))
  local isResent = sub(count, -13) == id
  for j = 1, i - 1 do
    isResent = isResent and not (fields[j] == field and keys[j] == key)
  end
  if not used then
    taken[i] = "-1"
  elseif isResent then
    taken[i] = string.format("%.0f", used)
  elseif used >= limit then
    taken[i] = "0"
  else
    taken[i] = string.format("%.0f", used + 1)
    call("HSET", key, field, taken[i] .. id)
  end
end
return table.concat(taken, ",")
`,
};

/**
 * Gives one use back that is taken in the field ARGV[2] of KEYS[1], and remembers so in KEYS[2], which nothing else uses,
 * for 12 minutes. Answers 1, 0 where nothing was taken, and -1 where it cannot be sure any more that it was not done before.
 *
 * ARGV[1]: when the call was first sent, in ms.
 *
 * SECURITY: a call that is sent again gives back once (create-redis-use-store.resend.test.ts, "gives back one use").
 */
export const RELEASE_USE: Script = {
  sha: "04197fd8a4756d55b87df27751120d32cfe4dcab",
  source: `
local time = redis.call("TIME")
if time[1] * 1000 > tonumber(ARGV[1]) + 540000 then return -1 end
if not redis.call("SET", KEYS[2], "1", "PX", 720000, "NX") then return 1 end
local count = redis.call("HGET", KEYS[1], ARGV[2])
if not count then return 0 end
local used, by = tonumber(string.sub(count, 1, -14)), string.sub(count, -13)
if used > 1 then
  redis.call("HSET", KEYS[1], ARGV[2], string.format("%.0f%s", used - 1, by))
else
  redis.call("HDEL", KEYS[1], ARGV[2])
end
return 1
`,
};
