import { type ServiceBalance, serviceBalance } from "../ledger/accounts.ts";
import type { Notices } from "../merchants/notices.ts";
import type { Settings } from "../settings.ts";
import type { Switches } from "./switches.ts";

export interface Solvency {
  balance: Omit<ServiceBalance, "inFlightMsat">;
  /** To merchants, and what is set aside for payouts whose end is not known. */
  owedMsat: number;
  /** What is perhaps on its way out, or perhaps still in the node. */
  inFlightMsat: number;
  /** What the node says; absent where it cannot be asked. */
  spendableMsat?: number;
  /** The node's, and what is in flight; without a node to ask, what the ledger says that it holds. */
  heldMsat: number;
  isSolvent: boolean;
}

export interface BrokenRule {
  rule: string;
  detail: string;
}

export type SolvencyCheck = ReturnType<typeof createSolvency>;

const FRESH_MS = 30_000;

/** Whether the service can pay all that it owes. If not, payouts stop and the operator hears of it. */
export function createSolvency(settings: Settings, switches: Switches, notices: Notices) {
  const { database, nodeBalanceMsat } = settings;
  let last: { at: number; isSolvent: boolean } | undefined;
  /** What an alarm was given for since it was last in order. */
  const alarmed = new Set<string>();

  async function measure(): Promise<Solvency> {
    const before = await nodeBalanceMsat?.();
    // SECURITY: what is owed and what is in flight are of one instant, or else payees who let payouts end just now would
    // stop everybody's (operator.test.ts, "because a payout ends").
    const { inFlightMsat, ...balance } = await serviceBalance(database);
    const after = await nodeBalanceMsat?.();
    // A payment that came in meanwhile, or one that left, is in one of the two only.
    const spendableMsat = before === undefined || after === undefined ? undefined : Math.max(before, after);
    // Unresolved payouts count as owed until they are resolved.
    const owedMsat = balance.merchantsMsat + balance.merchantsPendingMsat + balance.feePendingMsat;
    const heldMsat = spendableMsat === undefined ? balance.nodeMsat : spendableMsat + inFlightMsat;
    const told = spendableMsat === undefined ? {} : { spendableMsat };
    return { balance, owedMsat, inFlightMsat, ...told, heldMsat, isSolvent: heldMsat >= owedMsat };
  }

  /** Without a reason, all is in order. The operator hears of one also where payouts were paused for another before. */
  async function pause(kind: string, reason: string | undefined): Promise<void> {
    if (reason === undefined) return void alarmed.delete(kind);
    const isNew = !alarmed.has(kind);
    alarmed.add(kind);
    try {
      if ((await switches.turnOn("payouts_paused", reason)) || isNew)
        await notices.alarm(kind, `Payouts are paused: ${reason}`);
    } catch (error) {
      // Nobody heard of it, so the next check tells it.
      alarmed.delete(kind);
      throw error;
    }
  }

  return {
    measure,
    /** SECURITY: what is left is shared by all, not by whoever comes first (operator.test.ts, "pauses payouts"). */
    async check(): Promise<Solvency> {
      let found = await measure();
      // Much may have happened between two questions; a real shortage stays one.
      for (let again = 0; again < 2 && !found.isSolvent; again++) found = await measure();
      const { heldMsat, owedMsat, isSolvent } = found;
      const reason = `The node holds ${heldMsat} msat, but the service owes ${owedMsat} msat.`;
      await pause("solvency", isSolvent ? undefined : reason);
      last = { at: performance.now(), isSolvent };
      return found;
    },
    /**
     * Checks unless that was done half a minute ago. Rejects where it cannot: then nothing may leave.
     *
     * SECURITY: what was found while payouts were paused holds for who resumes them as well (operator.test.ts, "once they
     * are resumed").
     */
    async keepFresh(): Promise<void> {
      const isOld = last === undefined || performance.now() - last.at > FRESH_MS;
      if (isOld || !(last?.isSolvent || (await switches.read()).has("payouts_paused"))) await this.check();
    },
    /** Adds the whole ledger up again. Takes seconds when it is long. */
    async audit(): Promise<BrokenRule[]> {
      const broken = await database.query<BrokenRule>("select rule, detail from managed.broken_rules() limit 100", [], {
        isLong: true,
      });
      const [first] = broken;
      await pause("audit", first && `The ledger violates the rule "${first.rule}" (${first.detail}).`);
      return broken;
    },
  };
}
