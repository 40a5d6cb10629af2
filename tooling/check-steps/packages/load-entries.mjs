// Runs in a user's project: loads entry points by import and by require, which have to agree.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ADDED_BY_NODE = ["default", "module.exports", "__esModule"];
const namesIn = (exported) => {
  const names = Object.keys(exported).filter((name) => !ADDED_BY_NODE.includes(name));
  return names.sort().join(", ");
};

for (const entry of process.argv.slice(2)) {
  const imported = namesIn(await import(entry));
  const required = namesIn(require(entry));
  if (imported === "") throw new Error(`${entry} exports nothing.`);
  if (imported !== required) throw new Error(`${entry} exports ${imported} to import, and ${required} to require.`);
}
