// What would be published: the packages, built and packed.
import { packages } from "../../packages.mjs";
import { pnpm } from "../../pnpm.mjs";
import { run } from "../../run.mjs";

/** Answers a tarball for each package that is published. */
export function packAll(directory) {
  run(process.execPath, ["tooling/build.mjs"], { quiet: true });
  const published = packages.filter(({ manifest }) => !manifest.private);
  const filters = published.map(({ path }) => `--filter=./${path}`);
  pnpm(["--recursive", ...filters, "pack", "--pack-destination", directory], { quiet: true });
  return published.map(({ manifest: { name, version } }) => {
    const stem = `${name.replace("@", "").replace("/", "-")}-${version}`;
    return { name, file: `${directory}/${stem}.tgz` };
  });
}
