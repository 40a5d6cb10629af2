// Installs Postgres and PostgREST for the tests that need a server, which call this from several processes at once.
import { installLocked } from "./install-locked.mjs";
import { root } from "./run.mjs";

await installLocked(`${root}/tooling/supabase`);
