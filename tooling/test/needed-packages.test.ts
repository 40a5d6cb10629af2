import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { neededPackages, shortNames } from "../needed-packages.mjs";
import { published } from "../packages.mjs";
import { root } from "../run.mjs";

const needed = (...names: string[]) => shortNames(neededPackages(names, published).packages ?? []);

it("adds what is needed by what is needed, in either spelling of a name", () => {
  expect(needed("express")).toBe("bolt11, core, express");
  expect(needed("@l402/lnd", "client")).toBe("backend, bolt11, client, core, lnd");
  expect(needed("core", "@l402/core")).toBe("bolt11, core");
});

it("leaves nothing out that npm would look for elsewhere", () => {
  for (const { manifest } of published) {
    const { packages } = neededPackages([manifest.name], published);
    const names = packages?.map(({ manifest }: (typeof published)[number]) => manifest.name);
    for (const { manifest } of packages ?? []) {
      const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
      const ours = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name.startsWith("@l402/"));
      expect(names).toEqual(expect.arrayContaining(ours.filter((name) => !peerDependenciesMeta?.[name]?.optional)));
    }
  }
});

it("brings what is optional only when it is named", () => {
  expect(needed("config")).toBe("bolt11, config, core");
  expect(needed("config", "lnd")).toBe("backend, bolt11, config, core, lnd");
});

it("npm run pack refuses a name that it does not know, lists those that it knows, and builds nothing", () => {
  const pack = spawnSync(process.execPath, ["tooling/pack.mjs", "/dev/null/x", "expres", "@other/client", "lnd"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(pack.status).toBe(2);
  expect(pack.stdout).toBe("");
  expect(pack.stderr).toMatch(/^No package: expres, @other\/client\. There are alby, .*, express, .*, testing\.\n$/);
});
