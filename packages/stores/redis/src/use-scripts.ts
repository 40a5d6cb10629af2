import type { Script } from "./redis-client.ts";

// A count is kept under its key as one number: the uses, followed by the 13 digits of the last call that took one. Redis
// keeps a number of up to 18 digits in half the memory of a text. It expires with its token. All judge time by Redis's own
// clock, so that clocks of servers do not matter.

/**
 * Takes one use under each of KEYS, and answers how many are taken then: 0 where none was left, or where the token has
 * expired, and -1 where the key holds something else.
 *
 * ARGV: the id of the call, the expiry of each key in ms, in 13 digits each, and the limit of each, in 16, unless all are 1.
 * Together they cost clients less than one by one.
 *
 * SECURITY: clients send a call again when its answer was lost. It counts once, and is answered as before
 * (create-redis-use-store.resend.test.ts, "takes one use"). A second use of one key in one call is another use
 * (create-redis-use-store.test.ts, "uses of one token at once").
 */
export const TAKE_USES: Script = {
  sha: "be1aa1f01b22160a4d04ae391be11f0d5ad0b482",
  source: `
local call, keys, args = redis.call, KEYS, ARGV
local time = call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local id = args[1]
local first = "1" .. id

local function isFirst(i)
  for j = 1, i - 1 do
    if keys[j] == keys[i] then return false end
  end
  return true
end

local function takeAnother(i)
  local key, limit = keys[i], args[3] and tonumber(string.sub(args[3], 16 * i - 15, 16 * i)) or 1
  local count = redis.pcall("GET", key)
  local used = tonumber(string.match(type(count) == "string" and count or "", "^(%d+)%d%d%d%d%d%d%d%d%d%d%d%d%d$"))
  if not used then return -1 end
  if string.sub(count, -13) == id and isFirst(i) then return used end
  if used >= limit then return 0 end
  call("SET", key, string.format("%.0f%s", used + 1, id), "KEEPTTL")
  return used + 1
end

local taken = {}
for i = 1, #keys do
  local expiresAt = string.sub(args[2], 13 * i - 12, 13 * i)
  if tonumber(expiresAt) <= now then
    taken[i] = 0
  elseif call("SET", keys[i], first, "PXAT", expiresAt, "NX") then
    taken[i] = 1
  else
    taken[i] = takeAnother(i)
  end
end
return taken
`,
};

/**
 * Gives one use back that is taken under KEYS[1], and remembers so in KEYS[2], which nothing else uses, for 12 minutes.
 * Answers 1, 0 where nothing was taken, and -1 where it cannot be sure any more that it was not done before.
 *
 * ARGV: when the call was first sent, in ms.
 *
 * SECURITY: a call that is sent again gives back once (create-redis-use-store.resend.test.ts, "gives back one use").
 */
export const RELEASE_USE: Script = {
  sha: "7aa98a62c62a198c36fac66fbc55b21e2ab44622",
  source: `
local time = redis.call("TIME")
if time[1] * 1000 > tonumber(ARGV[1]) + 540000 then return -1 end
if not redis.call("SET", KEYS[2], "1", "PX", 720000, "NX") then return 1 end
local count = redis.call("GET", KEYS[1])
if not count then return 0 end
local used, by = tonumber(string.sub(count, 1, -14)), string.sub(count, -13)
if used > 1 then
  redis.call("SET", KEYS[1], string.format("%.0f%s", used - 1, by), "KEEPTTL")
else
  redis.call("DEL", KEYS[1])
end
return 1
`,
};
