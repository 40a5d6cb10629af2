import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { BACKENDS } from "../src/backends.ts";
import {
  budgetFrom,
  clientOptionsFrom,
  networkFrom,
  paymentLogFrom,
  paywallOptionsFrom,
  providerFrom,
  useStoreFrom,
  walletFrom,
} from "../src/index.ts";
import { SETTINGS, settingsOf } from "./settings.ts";

const CANARY = "s3cr3tcanarys3cr3tcanarys3cr3tcanary";
const dir = mkdtempSync(`${tmpdir()}/l402-config-`);
afterAll(() => rmSync(dir, { recursive: true }));

/** Everything there is to see of an error. */
const visible = (error: unknown) => {
  const { message, stack, cause, hint } = error as Error & { hint: string };
  return [
    message,
    hint,
    stack,
    inspect(error, { depth: 9, showHidden: true }),
    inspect(cause),
    JSON.stringify(error),
  ].join("\n");
};

async function failureOf(make: () => unknown): Promise<unknown> {
  try {
    await make();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

describe("secrets", () => {
  it("prints no setting, whichever is wrong", async () => {
    let failures = 0;
    for (const [name, { variables }] of Object.entries(BACKENDS)) {
      for (const variable of Object.keys(variables)) {
        for (const junk of [
          CANARY,
          `https://user:${CANARY}@host.example`,
          `${CANARY}\r\n`,
          `nostr+walletconnect://${CANARY}`,
        ]) {
          const env = { ...settingsOf(name), [variable]: junk, L402_PROVIDER: name };
          for (const make of [providerFrom, walletFrom]) {
            // What is not wrong for this variable is no failure.
            const error = await Promise.resolve(make(env)).then(
              () => undefined,
              (reason) => reason,
            );
            if (!error) continue;
            failures++;
            expect(visible(error).toLowerCase(), `${name} ${variable}`).not.toContain(CANARY);
          }
        }
      }
    }
    expect(failures).toBeGreaterThan(50);
  });

  it("prints no key of another variable when one is missing", async () => {
    for (const [name, settings] of Object.entries(SETTINGS)) {
      const keys = Object.values(settings).filter((text) => /5ec2e7/i.test(text));
      for (const missing of Object.keys(settings)) {
        const env = { ...settings, [missing]: "", L402_PROVIDER: name };
        const error = await Promise.resolve(providerFrom(env)).then(
          () => undefined,
          (reason) => reason,
        );
        for (const key of error ? keys : []) expect(visible(error)).not.toContain(key);
      }
    }
  });

  it("repeats nothing that was put in the wrong place", async () => {
    const places = [
      "L402_WALLET",
      "L402_PROVIDER",
      "L402_STORE",
      "L402_NETWORK",
      "REDIS_URL",
      "L402_SECRET",
      "L402_MAX_SATS",
    ];
    const values = [CANARY, `nostr+walletconnect://${CANARY}?secret=${CANARY}`, `https://user:${CANARY}@host`];
    const makers = [
      walletFrom,
      providerFrom,
      useStoreFrom,
      networkFrom,
      budgetFrom,
      paywallOptionsFrom,
      clientOptionsFrom,
    ];
    let failures = 0;
    for (const place of places) {
      for (const value of values) {
        for (const make of makers) {
          const base = place === "REDIS_URL" ? {} : { L402_STORE: "memory" };
          const env = { ...base, [place]: value };
          const error = await Promise.resolve(env)
            .then(make as (env: object) => unknown)
            .then(
              () => undefined,
              (reason) => reason,
            );
          if (!error) continue;
          failures++;
          expect(visible(error), `${place} of ${make.name}`).not.toContain(CANARY);
        }
      }
    }
    expect(failures).toBeGreaterThan(50);
  });

  it("says where a connection string belongs", async () => {
    const error = await failureOf(() => walletFrom({ L402_WALLET: settingsOf("alby").ALBY_URL }));
    expect(error).toMatchObject({ hint: "Put the connection string into ALBY_URL, and set L402_WALLET=alby." });
  });

  it("repeats nothing that a file throws", async () => {
    const path = `${dir}/thrower.mjs`;
    writeFileSync(path, `throw new Error("${CANARY}");`);
    const error = await failureOf(() => walletFrom({ L402_WALLET: path }));
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: `${path} cannot be loaded (Error).`,
      hint: `Run "node ${path}" to see the reason.`,
    });
    expect(visible(error)).not.toContain(CANARY);
  });

  it("tells none", async () => {
    const told: string[] = [];
    const env = {
      ...settingsOf("alby"),
      L402_SECRET: CANARY,
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_ANON_KEY: CANARY,
      L402_STATE: `${dir}/state.json`,
    };
    const tell = (sentence: string) => void told.push(sentence);
    await paywallOptionsFrom(env, { tell });
    await clientOptionsFrom(env, { tell });
    await paymentLogFrom(env, { tell });
    expect(told).toHaveLength(6);
    expect(told.join()).not.toMatch(/canary|5ec2e7/);
  });
});
