// What would be published: the packages, built and packed.
import { published } from "../../packages.mjs";
import { pnpm } from "../../pnpm.mjs";
import { run } from "../../run.mjs";

/** Answers a tarball for each package that is published, or for those that are chosen. */
export function packAll(directory, chosen = published) {
  const filters = chosen.map(({ path }) => `--filter=./${path}`);
  run(process.execPath, ["tooling/build.mjs", ...filters], { quiet: true });
  pnpm(["--recursive", ...filters, "pack", "--pack-destination", directory], { quiet: true });
  return chosen.map(({ manifest: { name, version } }) => {
    const stem = `${name.replace("@", "").replace("/", "-")}-${version}`;
    return { name, file: `${directory}/${stem}.tgz` };
  });
}
