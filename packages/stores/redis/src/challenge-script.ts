import type { Script } from "./redis-client.ts";

/**
 * Takes one invoice from each of KEYS, which are leaky buckets, or from none of them. Returns the seconds to wait, or 0
 * if the invoice was taken. A bucket holds the instant until which its time is spent. This is at most one minute ahead,
 * even if the clock was set back.
 *
 * ARGV: for each key, the invoices per minute. A negative number gives the invoice back. An instant that has passed counts
 * as an empty bucket, so what is given back to an empty one is lost.
 */
export const TAKE_CHALLENGE: Script = {
  sha: "6fc3319ccb784c26729da5c7f7333bdc3c3c62b5",
  source: `
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local wait, spent = 0, {}
for i = 1, #KEYS do
  local before = tonumber(redis.call("GET", KEYS[i]) or 0)
  spent[i] = math.max(math.min(before, now + 60000), now) + 60000 / tonumber(ARGV[i])
  wait = math.max(wait, spent[i] - now - 60000)
end
if wait > 0.001 then return math.ceil(wait / 1000) end
for i = 1, #KEYS do
  redis.call("SET", KEYS[i], string.format("%.17g", spent[i]), "PX", math.max(math.ceil(spent[i] - now), 1))
end
return 0
`,
};
