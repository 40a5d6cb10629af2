import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const { CI, L402_REAL_LNBITS, XDG_CACHE_HOME } = process.env;
const cache = `${XDG_CACHE_HOME || `${homedir()}/.cache`}/l402`;
const constraints = fileURLToPath(new URL("lnbits-constraints.txt", import.meta.url));
const folderOf = (version: string) => `${cache}/lnbits-${version}`;
const pythonIn = (folder: string) => `${folder}/bin/python`;

/** Why the tests with the real LNbits are skipped; `undefined` when they run. In CI they always run. */
export function reasonToSkip(versions: readonly string[]): string | undefined {
  if (CI || L402_REAL_LNBITS || versions.every((version) => existsSync(folderOf(version)))) return undefined;
  return "LNbits is not installed; L402_REAL_LNBITS=1 installs it, which needs Python 3.10 to 3.12 and a minute";
}

/** Installs a version of LNbits into the user's cache folder, once, and answers the Python that has it. */
export async function installLnbits(version: string): Promise<string> {
  const folder = folderOf(version);
  if (existsSync(folder)) return pythonIn(folder);
  // Other runs may install it too: the last step makes it complete at once.
  const building = `${folder}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await run(await findPython(), ["-m", "venv", building]);
    const pip = ["-m", "pip", "install", "--quiet", "--no-compile", "--no-input", "--prefer-binary"];
    await run(pythonIn(building), [...pip, "--constraint", constraints, `lnbits==${version}`]);
    await rename(building, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return pythonIn(folder);
}

async function findPython(): Promise<string> {
  for (const python of ["python3", "python3.12", "python3.11", "python3.10"]) {
    const script = "import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))";
    const fits = await run(python, ["-c", script]).then(
      () => true,
      () => false,
    );
    if (fits) return python;
  }
  throw new Error("LNbits needs Python 3.10 to 3.12 with venv. On Debian: apt-get install python3-venv");
}
