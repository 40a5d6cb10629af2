// Packages as their users get them: built, packed, inspected, then installed together and loaded.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { inspect } from "./packages/inspect.mjs";
import { packAll } from "./packages/pack-all.mjs";

const directory = mkdtempSync(`${tmpdir()}/l402-packages-`);
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

const tarballs = packAll(directory);
inspect(tarballs, directory);
console.log(`${tarballs.length} packages: ${tarballs.map(({ name }) => name).join(", ")}`);
