import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openSeller } from "./seller.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```[jt]s\n(.*?)^```/gms)].map(([, code = ""]) => code);
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "l402-readme-"));

// A block without imports continues the block before it. The wallet of the test is on regtest.
const runnable = blocks.map((code) =>
  code.includes("createL402Client(") ? code : `const { client } = globalThis;\n${code}`,
);

beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
});

describe("what the README shows", () => {
  it("has snippets", () => expect(blocks.length).toBeGreaterThanOrEqual(7));

  it.each(runnable.map((code, i) => [i, code] as const))("runs: block %i", async (i, code) => {
    const seller = await openSeller();
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const pay = vi.fn(async () => ({ status: "failed" as const, reason: "not asked" }));
    Object.assign(globalThis, {
      wallet: seller.lightning.wallet,
      url: seller.url,
      client: seller.client(),
      askAPerson: async () => false,
      window: { webln: { enable: async () => {}, sendPayment: pay } },
    });
    const file = join(here, `readme-block-${i}.mts`);
    writeFileSync(
      file,
      code.replaceAll("createL402Client({", 'createL402Client({ network: "regtest", clock: globalThis.clock,'),
    );
    Object.assign(globalThis, { clock: seller.clock });
    try {
      await import(/* @vite-ignore */ file);
    } finally {
      rmSync(file);
    }
    const shown = log.mock.calls.map((words) => words.join(" ")).join("\n");
    log.mockRestore();
    if (i === 0) expect(shown).toBe("200 10000 msat");
  });
});
