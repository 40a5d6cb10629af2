// Bundles a Worker as wrangler would, and runs it in workerd.
import { createRequire } from "node:module";

/** The example's shop. */
export const startWorker = (directory, bindings = {}) =>
  start(directory, {
    entry: "src/index.ts",
    bindings: { L402_SECRET: "a secret of an example, 32 bytes or more", ...bindings },
    // Only the fake Lightning node of the example needs Node's modules; the SDK itself does not.
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    external: ["node:*", "cloudflare:*"],
  });

/** The example's buyer, without anything of Node. */
export const startBuyer = (directory, shop) =>
  start(directory, { entry: "src/buyer.ts", bindings: { SHOP: shop }, compatibilityFlags: [], external: [] });

async function start(directory, { entry, bindings, compatibilityFlags, external }) {
  const require = createRequire(`${directory}/package.json`);
  const { build } = require("esbuild");
  const { Miniflare } = require("miniflare");
  const { outputFiles } = await build({
    absWorkingDir: directory,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external,
    write: false,
  });
  const worker = new Miniflare({
    modules: [{ type: "ESModule", path: "index.mjs", contents: outputFiles[0].text }],
    compatibilityDate: "2026-04-01",
    compatibilityFlags,
    bindings,
    cf: false,
  });
  return { url: (await worker.ready).origin, close: () => worker.dispose() };
}
