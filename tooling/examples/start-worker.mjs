// Bundles a Worker as wrangler would, and runs it in workerd.
import { createRequire } from "node:module";

export async function startWorker(directory) {
  const require = createRequire(`${directory}/package.json`);
  const { build } = require("esbuild");
  const { Miniflare } = require("miniflare");
  const { outputFiles } = await build({
    absWorkingDir: directory,
    entryPoints: ["src/index.ts"],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    // Only the fake Lightning node of the example needs these; the SDK itself does not.
    external: ["node:*"],
    write: false,
  });
  const worker = new Miniflare({
    modules: [{ type: "ESModule", path: "index.mjs", contents: outputFiles[0].text }],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
    bindings: { L402_SECRET: "a secret of an example, 32 bytes or more" },
    cf: false,
  });
  return { url: (await worker.ready).origin, close: () => worker.dispose() };
}
