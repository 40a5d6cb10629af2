// Lets a file anywhere in a clone import every package of the repository, and what they are tested with (Express, Hono,
// Fastify, …), as if it had installed them: npm run example shop.mjs
import { register } from "node:module";
import { fail } from "./run.mjs";

if (process.env.npm_lifecycle_event === "example" && process.argv[1] === undefined) {
  fail("Usage: npm run example <file>, such as: npm run example docs/examples/buy.mjs", 2);
}
register("./example-resolver.mjs", import.meta.url);
