// What a Worker has to load for a few lines of code: how much, and nothing of Node or of other people. Why the limits are
// what they are: docs/decisions/027-what-a-bundle-may-weigh.md.
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUNDLES = [
  { from: "core", code: 'export { createMemoryUseStore, createPaywall } from "@l402/core";', maxBytes: 12_900 },
  { from: "client", code: 'export { createL402Client } from "@l402/client";', maxBytes: 17_100 },
  { from: "bolt11", code: 'export { decodeInvoice } from "@l402/bolt11";', maxBytes: 3_500 },
];

const problems = [];
for (const { from, code, maxBytes } of BUNDLES) {
  const { script, sources, imports } = await bundle(code, `${ROOT}packages/${from}`);
  const bytes = gzipSync(script, { level: 9 }).length;
  console.log(`${(bytes / 1000).toFixed(1)} kB of ${maxBytes / 1000} kB, minified and gzipped: ${code}`);

  const strangers = [...sources.keys()].filter((path) => path.includes("node_modules/"));
  for (const stranger of [...imports, ...strangers]) problems.push(`@l402/${from} brings ${stranger} into the bundle.`);
  if (bytes > maxBytes) {
    const largest = [...sources].sort(([, a], [, b]) => b - a).slice(0, 8);
    const list = largest.map(([path, size]) => `  ${size} ${path}`).join("\n");
    problems.push(`@l402/${from} is ${bytes - maxBytes} bytes too large. Its largest files, minified:\n${list}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

async function bundle(contents, resolveDir) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    absWorkingDir: ROOT,
    outfile: "bundle.js",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["worker"],
    // Left in, to be found below.
    external: ["node:*"],
    sourcemap: "external",
    metafile: true,
    logLevel: "error",
  });
  const [map, script] = ["bundle.js.map", "bundle.js"].map((name) =>
    outputFiles.find(({ path }) => path.endsWith(name)),
  );
  return {
    script: script.text,
    sources: bytesBySource(script.text, JSON.parse(map.text)),
    imports: Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path)),
  };
}

/** Which file each character comes from. A bundle lists more files than are left in it. */
function bytesBySource(script, map) {
  const sourceMap = new SourceMap(map);
  const bytes = new Map();
  script.split("\n").forEach((line, row) => {
    for (let column = 0; column < line.length; column++) {
      const { originalSource } = sourceMap.findEntry(row, column);
      if (originalSource) bytes.set(originalSource, (bytes.get(originalSource) ?? 0) + 1);
    }
  });
  return bytes;
}
