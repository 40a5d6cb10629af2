// A user's project: all packages installed from their tarballs, and every entry point loaded both ways.
import { copyFileSync, readFileSync } from "node:fs";
import { fail, run } from "../../run.mjs";
import { createUserProject } from "./user-project.mjs";

export function loadTogether(tarballs, directory) {
  const files = tarballs.map(({ file }) => file);
  createUserProject(directory, {}, files);

  const lock = JSON.parse(readFileSync(`${directory}/package-lock.json`, "utf8"));
  for (const [path, { resolved = "file:" }] of Object.entries(lock.packages)) {
    if (/node_modules\/@l402\/[^/]+$/.test(path) && !resolved.startsWith("file:")) {
      fail(`${path} came from ${resolved} and not from its tarball: the versions of the packages do not fit together.`);
    }
  }

  const entries = tarballs.flatMap(({ name }) => {
    const { exports } = JSON.parse(readFileSync(`${directory}/node_modules/${name}/package.json`, "utf8"));
    return Object.keys(exports)
      .filter((entry) => !entry.endsWith(".json"))
      .map((entry) => name + entry.slice(1));
  });
  // There, and not here, because modules are looked for from where a file is.
  copyFileSync(new URL("load-entries.mjs", import.meta.url), `${directory}/load-entries.mjs`);
  run(process.execPath, ["load-entries.mjs", ...entries], { cwd: directory, quiet: true });
}
