import type { PayoutRound } from "../payouts/address-payouts.ts";
import type { Settings } from "../settings.ts";
import type { Switches } from "./switches.ts";

export interface WindDown {
  payouts: number;
  /** What could not be paid out, and why. */
  left: { merchantId: string; address: string; msat: number; why: string }[];
}

const MAX_ROUNDS = 1_000;

/**
 * Ends the service: no new invoices, and every balance that can be paid out is, in rounds of `payOut`. Can be given again at
 * any time.
 */
export function createWindDown({ database, clock }: Settings, switches: Switches, payOut: () => Promise<PayoutRound>) {
  return async (): Promise<WindDown> => {
    await switches.turnOn("invoices_stopped", "The service is being wound down.");
    await switches.turnOn("winding_down", "The service is being wound down.");
    // Those that are parked are tried once more: they have failed so often that one failure parks them again.
    await database.query("update managed.merchants set next_payout_at = $1, parked_at = null", [clock()]);
    let payouts = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // Merchants that could not be paid have their next turn later, so this ends.
      const { turns, begun } = await payOut();
      payouts += begun;
      if (turns === 0) break;
    }
    const isPaused = (await switches.read()).has("payouts_paused");
    const left = await database.query<WindDown["left"][number]>(
      `select m.id "merchantId", m.lightning_address address, sum(b.balance_msat)::bigint msat,
          case when m.parked_at is not null then 'its payouts are parked'
            when bool_or(b.account like '%:pending' and b.balance_msat > 0) then 'a payout is running'
            when sum(b.balance_msat) < greatest(1000, coalesce(m.min_sendable_msat, 0)) then 'less than its address takes'
            when $1 then 'payouts are paused'
            when m.payout_failures > 0 then 'the last payout failed and is tried again later'
            else 'its next payout is due later' end why
        from managed.merchants m
        join managed.balances b on b.account in ('merchant:' || m.id, 'merchant:' || m.id || ':pending')
        group by m.id having sum(b.balance_msat) > 0 order by m.id`,
      [isPaused],
    );
    return { payouts, left };
  };
}
