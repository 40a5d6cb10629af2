import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { providerFrom, walletFrom } from "../src/index.ts";

const dir = mkdtempSync(`${tmpdir()}/l402-config-`);
afterAll(() => rmSync(dir, { recursive: true }));

const path = `${dir}/own.mjs`;
writeFileSync(
  path,
  `export const wallet = { name: "own", payInvoice() {}, lookupPayment() {} };
   export const provider = { name: "own", preimageProvesPayment: true, createInvoice() {}, lookupInvoice() {} };`,
);

describe("a backend of one's own", () => {
  it.each([path, `./${relative(process.cwd(), path)}`, pathToFileURL(path).href])(
    "is loaded from %s",
    async (place) => {
      const told: string[] = [];
      const tell = (sentence: string) => void told.push(sentence);
      expect(await walletFrom({ L402_WALLET: place }, { tell })).toHaveProperty("name", "own");
      expect(await providerFrom({ L402_PROVIDER: place }, { tell })).toHaveProperty("name", "own");
      expect(told).toEqual([
        `The Lightning wallet is ${place}, because L402_WALLET names it.`,
        `The Lightning backend is ${place}, because L402_PROVIDER names it.`,
      ]);
    },
  );

  it("has to export what is needed", async () => {
    const empty = `${dir}/empty.mjs`;
    writeFileSync(empty, "export const wallet = { payInvoice() {} };");
    await expect(walletFrom({ L402_WALLET: empty })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `${empty} does not export a wallet.`,
      hint: 'Add "export const wallet = …" to the file. The wallet must have the methods payInvoice and lookupPayment.',
    });
  });

  it("has to be there", async () => {
    await expect(walletFrom({ L402_WALLET: "./nowhere.mjs" })).rejects.toMatchObject({
      message: "./nowhere.mjs cannot be loaded (ERR_MODULE_NOT_FOUND).",
    });
  });
});
