import type { Script } from "./redis-client.ts";

// What a client keeps is under its key as "<number of the change>.<id of the change>:<text>". What is before the text is
// its stamp, and no two changes have the same.

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

/** Answers the value of KEYS[1], or 1 where it has the stamp ARGV[1], or nothing where there is none. */
export const READ_TEXT: Script = {
  sha: "71fe9926a0161667345e9e9b17c726e325392382",
  source: `
if redis.call("GETRANGE", KEYS[1], 0, #ARGV[1] - 1) == ARGV[1] then return 1 end
return redis.call("GET", KEYS[1])
`,
};

/**
 * Sets KEYS[1] to ARGV[2] if its stamp is ARGV[1], which is empty where there must be no value yet. Answers 1, or what is
 * there instead. Remembers in KEYS[2], for a minute, that it was done.
 *
 * SECURITY: clients send a call again when its answer was lost. It changes the text once, and is answered as before
 * (create-redis-client-store.test.ts, "answer was lost").
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
