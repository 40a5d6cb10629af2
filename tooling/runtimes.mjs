// The programs of other runtimes, by their paths. They are installed at their first use.
import { install } from "./install.mjs";
import { root } from "./run.mjs";

export const runtimesDirectory = `${root}/tooling/runtimes`;
const modules = `${runtimesDirectory}/node_modules`;

export function installRuntimes() {
  install(runtimesDirectory, "--ignore-workspace");
  return {
    node: (version) => `${modules}/node-${version}/bin/node`,
    bun: `${modules}/bun/bin/bun.exe`,
    deno: `${modules}/.bin/deno`,
  };
}
