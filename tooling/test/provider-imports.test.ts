import { createHook } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { root } from "../run.mjs";

const folder = `${root}/packages/providers`;
const providers = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const manifestOf = (name: string) => JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8"));

/** What only the network, another process or a wait makes. */
const IO = /^(TCP|PIPE|PROCESS|TLS|UDP|GETADDRINFO|QUERY|HTTP)/;

async function ioDuring(run: () => Promise<unknown>): Promise<string[]> {
  const begun: string[] = [];
  const hook = createHook({ init: (_, type) => void (IO.test(type) && begun.push(type)) }).enable();
  try {
    await run();
  } finally {
    hook.disable();
  }
  return begun;
}

it.each(providers)("importing @l402/%s does no I/O", async (name) => {
  let everything = {};
  const load = async () => {
    everything = await import(`${folder}/${name}/src/index.ts`);
  };
  expect(await ioDuring(load)).toEqual([]);
  expect(Object.keys(everything)).toContainEqual(expect.stringMatching(/^create[A-Z]/));
});

it("would notice a connection", async () => {
  expect(await ioDuring(() => fetch("http://127.0.0.1:65535").catch(() => {}))).not.toEqual([]);
});

it.each(providers)("@l402/%s brings nothing along but its vendor's client", (name) => {
  const { dependencies = {}, peerDependencies = {}, optionalDependencies } = manifestOf(name);
  const others = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  const vendors = name === "alby" ? ["@getalby/sdk", "ws"] : [];
  expect(others.sort()).toEqual(["@l402/backend", "@l402/core", ...vendors].sort());
});
