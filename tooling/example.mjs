// Lets a file anywhere in a clone import every package of the repository, and what they are tested with (Express, Hono,
// Fastify, …), as if it had installed them: npm run example shop.mjs
import { register } from "node:module";

register("./example-resolver.mjs", import.meta.url);
