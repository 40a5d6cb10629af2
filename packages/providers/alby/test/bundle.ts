import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";

const require = createRequire(import.meta.url);
const { build } = createRequire(require.resolve("tsup"))("esbuild");

/** What a bundler makes of a program. */
export async function bundle(source: string, options: Record<string, unknown> = {}) {
  const dir = mkdtempSync(`${tmpdir()}/l402-alby-`);
  const outfile = `${dir}/bundle.mjs`;
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["@l402/source"],
    logLevel: "silent",
    ...options,
  });
  return { dir, file: outfile, remove: () => rmSync(dir, { recursive: true }) };
}
