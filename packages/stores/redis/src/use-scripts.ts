import type { Script } from "./redis-client.ts";

// A count is one number in a Redis hash: the number of uses, followed by the 13 digits of the last call that took one.
// The counts of tokens that expire together are fields of one hash (use-places.ts). This needs a quarter of the memory
// of one key per count. All scripts use Redis's own clock, so the clocks of the servers do not matter.

/**
 * Takes some uses. Returns how many uses of each token are taken now, separated by commas: 0 if none was left, -1 if the
 * key holds something else, and -2 if the token has expired.
 *
 * KEYS: the buckets. ARGV: the id of the call, followed by the earliest expiry in ms; then, for each use, its bucket as
 * a letter from "0" on, how many ms before its bucket it expires, in 4 digits, and its field, followed by a space; then
 * the limits in 16 digits each, unless all are 1. Few arguments and one text as the answer take clients a third of the
 * time that one argument per value would take.
 *
 * A count that cannot get its expiry, because a right is missing, is not kept: it would use the token up, for nothing.
 *
 * SECURITY: clients send a call again if its answer was lost. A repeated call counts once and gets the same answer
 * (create-redis-use-store.resend.test.ts, "takes one use"). A second use of one token in one call is another use
 * (create-redis-use-store.test.ts, "uses of one token at once").
 */
export const TAKE_USES: Script = {
  sha: "2893890f2845a08a596d764532b45cca89d96b1d",
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
    taken[i] = "-2"
  elseif isNew == 1 then
    taken[i] = "1"
    local done = seen[key] or redis.pcall("HLEN", key)
    if done == 1 then done = redis.pcall("PEXPIREAT", key, expiryOf(key)) end
    if type(done) == "table" then
      call("HDEL", key, field)
      return done
    end
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
 * Gives back one use that was taken in the field ARGV[2] of KEYS[1]. Remembers this for 12 minutes in KEYS[2], a key
 * only for this call. Returns 1 if it gave the use back, 0 if no use was taken, and -1 if it can no longer be sure that
 * the use was not given back before.
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
