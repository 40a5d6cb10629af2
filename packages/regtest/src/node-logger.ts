import type { Logger } from "lightningdevkit";
import type { Ldk } from "./load-ldk.ts";

/** Takes one line of what the nodes log. */
export type Log = (line: string) => void;

/** Passes on what a node logs, without its gossip and traces; without a `log`, nothing. */
export function createNodeLogger(ldk: Ldk, name: string, log: Log | undefined): Logger {
  const { LDKLevel_Debug, LDKLevel_Info, LDKLevel_Warn, LDKLevel_Error } = ldk.Level;
  const labels = new Map([
    [LDKLevel_Debug, "debug"],
    [LDKLevel_Info, "info"],
    [LDKLevel_Warn, "warn"],
    [LDKLevel_Error, "error"],
  ]);
  return ldk.Logger.new_impl({
    log(record) {
      if (!log) return;
      const label = labels.get(record.get_level());
      if (!label) return;
      try {
        log(`${name} ${label}: ${withoutPreimages(record.get_args())}`);
      } catch {
        // An error must not unwind through LDK, whose locks would stay locked.
      }
    },
  });
}

/** SECURITY: whoever has a preimage has what was paid for (test: start-regtest.test.ts). */
const withoutPreimages = (line: string) => line.replace(/(preimage\W*)[0-9a-f]{64}/gi, "$1…");
