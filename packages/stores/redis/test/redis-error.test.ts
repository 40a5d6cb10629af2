import { inspect } from "node:util";
import { clientError, L402Error } from "@l402/core";
import { expect, it } from "vitest";
import { createRedisUseStore } from "../src/index.ts";
import { redisError } from "../src/redis-error.ts";

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name }, more);

it.each([
  ["READONLY", "READONLY You can't write against a read only replica. script: 1f2e, on @user_script:1."],
  ["READONLY", "ERR Error running script (call to f_1f2e): @user_script:1: @user_script: 1: -READONLY You can't write"],
  ["LOADING", "LOADING Redis is loading the dataset in memory"],
  ["MOVED", "MOVED 3999 10.0.0.1:6381"],
  ["MOVED", "Too many Cluster redirections. Last error: Error: MOVED 3999 10.0.0.1:6381"],
  ["CLUSTERDOWN", "CLUSTERDOWN The cluster is down"],
  ["OOM", "OOM command not allowed when used memory > 'maxmemory'. script: 1f2e, on @user_script:1."],
  ["MISCONF", "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."],
  ["NOREPLICAS", "NOREPLICAS Not enough good replicas to write."],
  ["BUSY", "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."],
  ["NOAUTH", "NOAUTH Authentication required."],
  ["WRONGPASS", "Command failed: WRONGPASS invalid or missing auth token, command was: [...]"],
  ["NOPERM", "NOPERM this user has no permissions to run the 'evalsha' command"],
  ["ERR", "ERR unknown command 'EVALSHA', with args beginning with: "],
  ["ERR", "WRONGTYPE Operation against a key holding the wrong kind of value"],
])("tells %s of %j", (reason, message) => {
  const error = redisError(named("ReplyError", message));
  expect(error.code).toBe("STORE_UNAVAILABLE");
  expect(error.message).toMatch(new RegExp(`^Redis failed: .* \\(${reason}\\)\\.$`));
});

it.each([
  ["ECONNREFUSED", named("Error", "connect ECONNREFUSED 10.0.0.1:6379", { code: "ECONNREFUSED" })],
  ["ECONNRESET", named("AggregateError", "", { code: "ECONNRESET", errors: [] })],
  ["ENOTFOUND", named("TypeError", "fetch failed", { cause: { code: "ENOTFOUND" } })],
])("tells %s of a connection", (code, error) => {
  expect(redisError(error).message).toBe(`Redis failed: there is no connection (${code}).`);
});

it.each([
  [named("MaxRetriesPerRequestError", "Reached the max retries per request limit (which is 1).")],
  [named("Error", "Connection is closed.")],
  [named("ClientClosedError", "The client is closed")],
  ["a string"],
  [undefined],
  [null],
  [Object.create(null)],
])("calls anything else a connection that is not there", (error) => {
  expect(redisError(error).message).toBe("Redis failed: there is no connection.");
});

it("shows never a secret, whatever a client throws", async () => {
  const secret = "hunter2-s3cret";
  const words = `WRONGPASS redis://user:${secret}@10.0.0.1, command was: ["AUTH","${secret}"] ECONNREFUSED`;
  const errors = [
    named(secret, words, { code: secret, command: { args: [secret] }, cause: { code: `E${secret}` } }),
    named("Error", `${secret} NOAUTH`, { code: "EHUNTER2S3CRET" }),
    secret,
    { message: { toString: () => secret } },
  ];
  for (const error of errors) {
    const store = createRedisUseStore({ redis: () => Promise.reject(error) });
    const use = { key: "00", limit: 1, expiresAt: new Date(Date.now() + 60_000) };
    for (const call of [store.consume, store.release]) {
      const shown = await Promise.resolve(call(use)).then(String, (thrown) =>
        inspect(thrown, { depth: 9, showHidden: true }),
      );
      expect(shown).toContain("STORE_UNAVAILABLE");
      expect(shown).not.toContain(secret);
    }
  }
});

it("leaves our own errors alone", () => {
  for (const error of [new L402Error("STORE_UNAVAILABLE"), clientError("BUDGET_EXCEEDED")]) {
    expect(redisError(error)).toBe(error);
  }
});
