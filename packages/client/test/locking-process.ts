// Holds the lock of a file, with an unfinished draft beside it, until it gets a message: locking-process.ts <file>
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lockFile } from "../src/node/lock-file.ts";

const [path = ""] = process.argv.slice(2);
mkdirSync(dirname(path), { recursive: true });
const lock = await lockFile(path);
writeFileSync(lock.draft, "half of a te");
process.on("message", async () => {
  await lock.release();
  process.disconnect();
});
process.send?.("locked");
