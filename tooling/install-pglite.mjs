// Installs the Postgres that runs inside the managed service, at its first use: it is as large as everything else together.
import { installLocked } from "./install-locked.mjs";
import { root } from "./run.mjs";

await installLocked(`${root}/apps/managed/pglite`);
