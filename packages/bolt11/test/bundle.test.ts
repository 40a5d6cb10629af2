import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { describe, expect, it } from "vitest";

const source = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** The entry with all that it imports, and the files that this came from. */
async function bundle(entry: string, code?: string): Promise<{ modules: string[]; code: string }> {
  const id = source(entry);
  const result = (await build({
    configFile: false,
    logLevel: "silent",
    plugins: [{ name: "entry", load: (path) => (code !== undefined && path === id ? code : null) }],
    build: {
      write: false,
      minify: "esbuild",
      modulePreload: false,
      rollupOptions: { input: id, preserveEntrySignatures: "strict" },
    },
  })) as Rollup.RollupOutput;
  const chunks = result.output.filter((chunk) => chunk.type === "chunk");
  return {
    modules: chunks.flatMap((chunk) => Object.keys(chunk.modules)),
    code: chunks.map((chunk) => chunk.code).join(""),
  };
}

describe("the bundle of the main entry", () => {
  it("has no curve code, which the bundle of the signature entry has", async () => {
    const [main, signature] = await Promise.all([bundle("index.ts"), bundle("signature.ts")]);
    const isCurve = (path: string) => /noble|signature\.ts$/.test(path);
    expect(main.modules.filter(isCurve)).toEqual([]);
    expect(main.modules.some((path) => path.endsWith("/decode-invoice.ts"))).toBe(true);
    expect(signature.modules.filter(isCurve).length).toBeGreaterThan(3);
    // The prime of secp256k1 starts like this, in every form that noble could write it.
    expect(main.code).not.toMatch(/fffffffffffffffffff/i);
    expect(signature.code).toMatch(/fffffffffffffffffff/i);
  });

  it("leaves the encoder out where only the decoder is used", async () => {
    const decoder = await bundle("index.ts", 'export { decodeInvoice } from "./decode-invoice.ts";');
    expect(decoder.code).toContain("The invoice has no payment hash.");
    expect(decoder.code).not.toContain("Correct the field");
    expect(gzipSync(decoder.code).length).toBeLessThan(3_500);
  });
});

describe("the sources", () => {
  it("use nothing that only one runtime has", () => {
    for (const entry of ["decode-invoice.ts", "bech32.ts", "read-words.ts", "write-words.ts", "signature.ts"]) {
      expect(readFileSync(source(entry), "utf8")).not.toMatch(
        /node:|\bBuffer\b|\bprocess\.|\bwindow\b|\bdocument\b|\brequire\(/,
      );
    }
  });
});
