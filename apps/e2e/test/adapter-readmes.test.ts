import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FakeLightning, payChallenge } from "@l402/testing";
import { describe, expect, it, vi } from "vitest";
import { freePort } from "../src/free-port.ts";

const adapters = fileURLToPath(new URL("../../../packages/adapters", import.meta.url));
const node = vi.hoisted((): { lightning?: FakeLightning } => ({}));

// The snippet makes a Lightning node of its own; the buyer has to know it.
vi.mock("@l402/testing", async (original) => {
  const testing = await original<typeof import("@l402/testing")>();
  return {
    ...testing,
    fakeLightning: () => {
      node.lightning = testing.fakeLightning();
      return node.lightning;
    },
  };
});

/** Runs the first code block of a README as it stands, on another port. */
async function runSnippet(name: string): Promise<string> {
  const port = await freePort();
  const [, code = ""] = /```js\n(.*?)```/s.exec(readFileSync(`${adapters}/${name}/README.md`, "utf8")) ?? [];
  expect(code).toContain("3000");
  const file = `${adapters}/${name}/readme-snippet.test.mjs`;
  writeFileSync(file, code.replace("3000", String(port)));
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    rmSync(file);
  }
  return `http://127.0.0.1:${port}/weather`;
}

describe("the snippet in the README of", () => {
  it.each(["express", "fastify", "hono"])("%s sells the weather", async (name) => {
    const url = await runSnippet(name);
    const unpaid = await vi.waitFor(() => fetch(url));
    expect(unpaid.status).toBe(402);
    if (!node.lightning) throw new Error("the snippet made no Lightning node");
    const authorization = await payChallenge(node.lightning.wallet, unpaid);
    const paid = await fetch(url, { headers: { authorization } });
    expect(await paid.json()).toEqual({ weather: "sunny", paidMsat: 10_000 });
  });
});
