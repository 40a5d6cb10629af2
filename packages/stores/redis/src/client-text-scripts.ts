import type { Script } from "./redis-client.ts";

// The state of a client is stored under its key as "<number of the change>.<id of the change>:<text>". The part before
// the text is its stamp. No two changes have the same stamp.

export interface Stored {
  stamp: string;
  changes: number;
  text: string;
}

export function parseStored(value: unknown): Stored | undefined {
  const [, stamp, changes, text] = /^((\d{1,15})\.[0-9a-f-]{36}:)(.*)$/s.exec(String(value)) ?? [];
  if (stamp === undefined || text === undefined) return undefined;
  return { stamp, changes: Number(changes), text };
}

/** Returns the value of KEYS[1], or 1 if it has the stamp ARGV[1], or nil if there is no value. */
export const READ_TEXT: Script = {
  sha: "71fe9926a0161667345e9e9b17c726e325392382",
  source: `
if redis.call("GETRANGE", KEYS[1], 0, #ARGV[1] - 1) == ARGV[1] then return 1 end
return redis.call("GET", KEYS[1])
`,
};

/**
 * Sets KEYS[1] to ARGV[2] if the stamp of KEYS[1] is ARGV[1]. An empty ARGV[1] means that there must be no value yet.
 * Returns 1, or the value that is there instead. Remembers in KEYS[2] for a minute that the change was made.
 *
 * SECURITY: clients send a call again if its answer was lost. A repeated call changes the text once and gets the same
 * answer (create-redis-client-store.test.ts, "answer was lost").
 */
export const WRITE_TEXT: Script = {
  sha: "ebd4950014327fcb18600f3cec68f9504dd4cc00",
  source: `
if redis.call("EXISTS", KEYS[2]) == 1 then return 1 end
if redis.call("GETRANGE", KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return redis.call("GET", KEYS[1]) end
redis.call("SET", KEYS[1], ARGV[2])
redis.call("SET", KEYS[2], "1", "PX", 60000)
return 1
`,
};
