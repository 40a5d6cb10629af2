import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { root } from "../run.mjs";

const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const [, table = ""] = /## Last verified against\n(.*?)\n## /s.exec(read("packages/providers/README.md")) ?? [];
const rowOf = (name: string) => new RegExp(`^\\| ${name} \\|.*$`, "m").exec(table)?.[0] ?? "";
const provenance = `${process.env.L402_CONTRACTS_DIR ?? `${root}/../shared/contracts`}/PROVENANCE.md`;

it.each([
  ["lnd", "tooling/lnd/go.mod", /lightningnetwork\/lnd v([\d.]+)/g],
  ["alby", "packages/providers/alby/package.json", /"(?:npm:@getalby\/sdk@|@getalby\/sdk": ")(\d[\d.]+)"/g],
  ["btcpay", "packages/providers/btcpay/package.json", /greenfield-node-client": "([\d.]+)"/g],
  ["lnbits", "packages/providers/lnbits/test/real-lnbits.test.ts", /^const VERSIONS = .*$/gm],
])("the providers' table has the versions of %s that the tests use", (name, path, pattern) => {
  const versions = [...read(path).matchAll(pattern)].flatMap(([text]) => text.match(/\d+\.\d+\.\d+/g) ?? []);
  expect(versions).not.toEqual([]);
  for (const version of versions) expect(rowOf(name)).toContain(version);
});

it.skipIf(!existsSync(provenance))("and the date of each vendor contract, where the contracts are here", () => {
  const row = /^\| (lnd|cln|btcpay|blink|nip47)\/.* (\w{8}) \(([\d-]+)\) \|$/gm;
  const contracts = [...readFileSync(provenance, "utf8").matchAll(row)];
  expect(contracts).toHaveLength(5);
  for (const [, name = "", commit, date = ""] of contracts) {
    const month = new Date(date).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
    expect(rowOf(name === "nip47" ? "alby" : name)).toContain(`${month} (${commit})`);
  }
});
