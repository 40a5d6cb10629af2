import { type ServiceBalance, serviceBalance } from "../ledger/accounts.ts";
import type { Notices } from "../merchants/notices.ts";
import type { Settings } from "../settings.ts";
import type { Switches } from "./switches.ts";

export interface Solvency {
  balance: ServiceBalance;
  owedMsat: number;
  /** What is perhaps on its way out, or perhaps still in the node. */
  inFlightMsat: number;
  /** What the node says; absent where it cannot be asked. */
  spendableMsat?: number;
  isSolvent: boolean;
}

export interface BrokenRule {
  rule: string;
  detail: string;
}

export type SolvencyCheck = ReturnType<typeof createSolvency>;

/** Whether the service can pay all that it owes. If not, payouts stop and the operator hears of it. */
export function createSolvency(settings: Settings, switches: Switches, notices: Notices) {
  const { database, nodeBalanceMsat } = settings;

  async function measure(): Promise<Solvency> {
    const spendableMsat = await nodeBalanceMsat?.();
    const balance = await serviceBalance(database);
    const [row] = await database.query<{ msat: number }>(
      "select coalesce(sum(amount_msat + max_fee_msat), 0)::bigint msat from managed.payouts where status = 'sending'",
    );
    const inFlightMsat = row?.msat ?? 0;
    // Unresolved payouts count as owed until they are resolved.
    const owedMsat = balance.merchantsMsat + balance.merchantsPendingMsat;
    const held = spendableMsat === undefined ? balance.nodeMsat : spendableMsat + inFlightMsat;
    const told = spendableMsat === undefined ? {} : { spendableMsat };
    return { balance, owedMsat, inFlightMsat, ...told, isSolvent: held >= owedMsat };
  }

  async function pause(kind: string, reason: string): Promise<void> {
    if (await switches.turnOn("payouts_paused", reason)) await notices.alarm(kind, `Payouts are paused: ${reason}`);
  }

  return {
    measure,
    /** SECURITY: what is left is shared by all, not by whoever comes first (operator.test.ts, "pauses payouts"). */
    async check(): Promise<Solvency> {
      const found = await measure();
      if (!found.isSolvent) {
        const held = found.spendableMsat ?? found.balance.nodeMsat;
        await pause("solvency", `The node has ${held} msat, and merchants are owed ${found.owedMsat} msat.`);
      }
      return found;
    },
    /** Adds the whole ledger up again. Takes seconds when it is long. */
    async audit(): Promise<BrokenRule[]> {
      const broken = await database.query<BrokenRule>("select rule, detail from managed.broken_rules() limit 100");
      const [first] = broken;
      if (first) await pause("audit", `The books break the rule "${first.rule}" (${first.detail}).`);
      return broken;
    },
  };
}
