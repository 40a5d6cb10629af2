// Lets a file anywhere in a clone import every package of the repository, and what they are tested with (Express, Hono,
// Fastify, …), as if it had installed them: npm run example shop.mjs
import { existsSync } from "node:fs";
import { register } from "node:module";
import { fail } from "./run.mjs";

const USAGE = "Usage: npm run example <file>, such as: npm run example docs/examples/buy.mjs";
if (process.env.npm_lifecycle_event === "example") {
  const [, file] = process.argv;
  if (file === undefined) fail(USAGE, 2);
  if (!existsSync(file)) fail(`There is no file ${file}.\n${USAGE}`, 2);
}
register("./example-resolver.mjs", import.meta.url);
