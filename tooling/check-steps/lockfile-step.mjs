// A checkout installs with --frozen-lockfile, which fails where a package.json and the lockfile differ.
import { pnpm, pnpmCommand } from "../pnpm.mjs";

pnpm(["install", "--frozen-lockfile", "--lockfile-only"], {
  quiet: true,
  advice: `Bring the lockfile up to date: ${pnpmCommand("install")}`,
});
