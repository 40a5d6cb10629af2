// Makes a checkout ready to work in. Needs Node and npm, nothing else.
import { install } from "./install.mjs";
import { fail, root } from "./run.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`L402 needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
}
install(root);
