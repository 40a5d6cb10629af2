import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";

export type Switch = "payouts_paused" | "invoices_stopped" | "winding_down";

export type Switches = ReturnType<typeof createSwitches>;

const REMEMBERED_MS = 1_000;

/** What the operator, or an alarm, has stopped. It holds for all processes on the database. */
export function createSwitches({ database, clock }: Settings) {
  let remembered: { on: Map<string, string>; at: number } | undefined;

  /** As it is now; for money on its way out. */
  async function read(): Promise<Map<string, string>> {
    const rows = await database.query<{ name: string; reason: string }>("select name, reason from managed.settings");
    const on = new Map(rows.map(({ name, reason }) => [name, reason]));
    remembered = { on, at: performance.now() };
    return on;
  }

  return {
    read,
    /** As it was a second ago at most; for invoices, of which there are many. */
    async refuseInvoices(): Promise<void> {
      const isFresh = remembered && performance.now() - remembered.at < REMEMBERED_MS;
      const reason = (isFresh && remembered ? remembered.on : await read()).get("invoices_stopped");
      if (reason !== undefined) throw problem("INVOICES_STOPPED", reason, 3_600);
    },
    async refusePayouts(): Promise<void> {
      const reason = (await read()).get("payouts_paused");
      if (reason !== undefined) throw problem("PAYOUTS_PAUSED", reason, 3_600);
    },
    async turnOn(name: Switch, reason: string): Promise<boolean> {
      const rows = await database.query(
        "insert into managed.settings (name, reason, at) values ($1, $2, $3) on conflict do nothing returning name",
        [name, reason, clock()],
      );
      remembered = undefined;
      return rows.length > 0;
    },
    /** A service that takes invoices again is not being wound down. */
    async turnOff(name: Switch): Promise<void> {
      const names: Switch[] = name === "invoices_stopped" ? [name, "winding_down"] : [name];
      await database.query("delete from managed.settings where name = any($1)", [names]);
      remembered = undefined;
    },
  };
}
