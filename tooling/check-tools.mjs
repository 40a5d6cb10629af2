// Linter, package checkers and release tools. They are installed at their first use, so that npm test does without.
import { install } from "./install.mjs";
import { root, run } from "./run.mjs";

const directory = `${root}/tooling/checks`;

export const installTools = () => install(directory, "--ignore-workspace");
export const toolPath = (name) => `${directory}/node_modules/.bin/${name}`;

export function runTool(name, args, options) {
  installTools();
  run(toolPath(name), args, options);
}
