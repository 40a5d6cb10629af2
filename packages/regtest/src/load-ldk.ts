import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as lightningdevkit from "lightningdevkit";

/** The Lightning Development Kit, ready for use. */
export type Ldk = typeof lightningdevkit;

// Kept outside this module: a second copy of it (ESM beside CJS) that initialised LDK again would wipe the memory under
// every running node.
const LOADED = Symbol.for("l402.regtest.ldk");
const shared = globalThis as { [LOADED]?: Promise<Ldk> };

/** Loads LDK, once per process. It is an ES module, so it is imported only here and only dynamically. */
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

/** LDK prints its version when it starts. A library does not print. */
function hideGreeting(): () => void {
  const { log } = console;
  const quiet = (...line: unknown[]) => {
    if (!String(line[0]).startsWith("Loaded LDK-Java Bindings")) log.apply(console, line);
  };
  console.log = quiet;
  return () => {
    // Somebody else may have replaced it meanwhile.
    if (console.log === quiet) console.log = log;
  };
}
