import type { Logger } from "lightningdevkit";
import type { Ldk } from "./load-ldk.ts";

/** Receives one line of a node's log. */
export type Log = (line: string) => void;

/** Passes on a node's log, without its gossip and traces. Without a `log` function, passes on no lines. */
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
        // An error must not unwind through LDK, because LDK's locks would stay locked.
      }
    },
  });
}

/** SECURITY: a reader of the log who has a preimage can use the payment (test: start-regtest.test.ts). */
const withoutPreimages = (line: string) => line.replace(/(preimage\W*)[0-9a-f]{64}/gi, "$1…");
