// Builds LND and btcd, of the versions in tooling/lnd/go.mod, into the user's cache folder.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { root, run } from "./run.mjs";

// A module of its own, because `go install …@version` refuses LND: its go.mod replaces another module.
const directory = `${root}/tooling/lnd`;
// Go's installer puts it there, which need not be in the PATH.
const CANDIDATES = ["go", "/usr/local/go/bin/go"];
const SOURCES = ["-mod=readonly", "-tags=invoicesrpc"];
const ARGUMENTS = ["build", ...SOURCES, "-trimpath", "-buildvcs=false", "-ldflags=-s -w"];
// Modules come from the proxy and nowhere else: no toolchain, no source hosts, no workspace, no C compiler.
const env = { GOTOOLCHAIN: "local", GOVCS: "*:off", GOWORK: "off", GOFLAGS: "", CGO_ENABLED: "0" };

/** The Go that can build them; `undefined` where there is none, or an older one. */
export const findGo = () =>
  CANDIDATES.find((go) => {
    const { status } = spawnSync(go, ["list", "-m"], { cwd: directory, env: { ...process.env, ...env } });
    return status === 0;
  });

/** Answers the folder with both programs, which are built at the first use; `undefined` if their sources cannot be had. */
export function installLnd(go) {
  const manifest = readFileSync(`${directory}/go.mod`, "utf8");
  const [, version] = /lightningnetwork\/lnd v(\S+)/.exec(manifest);
  const pins = createHash("sha256").update(`${manifest}${ARGUMENTS}`).digest("hex").slice(0, 8);
  const cache = `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/l402`;
  const folder = `${cache}/lnd-${version}-${pins}`;
  if (existsSync(folder)) return folder;
  const sources = spawnSync(go, ["list", "-deps", ...SOURCES, "tool"], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  if (sources.status !== 0) return undefined;
  // Other runs may build it too: the last step makes it complete at once.
  const building = `${folder}.${process.pid}`;
  process.once("exit", () => rmSync(building, { recursive: true, force: true }));
  mkdirSync(building, { recursive: true });
  console.log(`Building LND ${version} and btcd, once; this takes minutes.`);
  run(go, [...ARGUMENTS, "-o", `${building}/`, "tool"], { cwd: directory, env });
  try {
    renameSync(building, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
