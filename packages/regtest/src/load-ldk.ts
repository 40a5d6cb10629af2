import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as lightningdevkit from "lightningdevkit";

/** The Lightning Development Kit after its initialisation. */
export type Ldk = typeof lightningdevkit;

// Kept outside this module: a second copy of the module (ESM beside CJS) would initialise LDK again, and so wipe the
// memory of every running node.
const LOADED = Symbol.for("l402.regtest.ldk");
const shared = globalThis as { [LOADED]?: Promise<Ldk> };

/** Loads LDK once per process. LDK is an ES module, so it is imported only here and only dynamically. */
export function loadLdk(): Promise<Ldk> {
  shared[LOADED] ??= initialise();
  return shared[LOADED];
}

async function initialise(): Promise<Ldk> {
  const { resolve } = createRequire(import.meta.url);
  const [ldk, binary] = await Promise.all([
    import("lightningdevkit"),
    readFile(resolve("lightningdevkit/liblightningjs.wasm")),
  ]);
  const restore = hideGreeting();
  try {
    await ldk.initializeWasmFromBinary(binary);
  } finally {
    restore();
  }
  return ldk;
}

/**
 * Hides the version that LDK prints at its start, because a library must not print. Returns a function that undoes
 * this.
 */
function hideGreeting(): () => void {
  const { log } = console;
  const quiet = (...line: unknown[]) => {
    if (!String(line[0]).startsWith("Loaded LDK-Java Bindings")) log.apply(console, line);
  };
  console.log = quiet;
  return () => {
    // Other code may have replaced console.log meanwhile.
    if (console.log === quiet) console.log = log;
  };
}
