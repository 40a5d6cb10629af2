import { inParallel } from "../in-parallel.ts";
import type { Merchants } from "../merchants/merchants.ts";
import type { Notices } from "../merchants/notices.ts";
import type { Switches } from "../operator/switches.ts";
import { randomId } from "../random-id.ts";
import type { Settings } from "../settings.ts";
import { feeLimit, payableMsat } from "./fee-limit.ts";
import { merchantOf, type PayoutRow, type Payouts } from "./payouts.ts";
import type { SendPayout } from "./send-payout.ts";

interface Candidate {
  id: string;
  lightning_address: string;
  available_msat: number;
  max_sendable_msat: number | null;
  min_sendable_msat: number | null;
}

/** How many merchants had their turn, and how many payouts were begun. */
export interface PayoutRound {
  turns: number;
  begun: number;
}

const FIRST_RETRY_SECONDS = 60;
const LONGEST_RETRY_SECONDS = 86_400;
const AT_ONCE = 8;
const LAST_INSTANT_MS = 8.64e15;

interface AddressPayoutParts {
  settings: Settings;
  payouts: Payouts;
  sender: SendPayout;
  merchants: Merchants;
  notices: Notices;
  switches: Switches;
}

/** Sends balances to the merchants' addresses, as they reach the threshold. */
export function createAddressPayouts({ settings, payouts, sender, merchants, notices, switches }: AddressPayoutParts) {
  const { database, clock, wallet, payoutThresholdMsat, payoutIntervalSeconds, payoutAttempts } = settings;

  function candidates(isLast: boolean): Promise<Candidate[]> {
    const now = clock();
    const longestMs = 2_000 * Math.max(LONGEST_RETRY_SECONDS, payoutIntervalSeconds);
    return database.query<Candidate>(
      `select m.id, m.lightning_address, b.balance_msat available_msat, m.min_sendable_msat, m.max_sendable_msat
        from managed.merchants m join managed.balances b on b.account = 'merchant:' || m.id and b.shard = 0
        where m.parked_at is null
          -- Or planned by a clock that was ahead.
          and (m.next_payout_at <= $1 or m.next_payout_at > $3)
          and b.balance_msat >= $2
          and not exists (select 1 from managed.payouts p where p.account = 'merchant:' || m.id and p.kind = 'address'
            and p.status in ('reserved', 'sending'))
        order by m.next_payout_at limit 100`,
      [now, isLast ? 1_000 : payoutThresholdMsat, new Date(Math.min(now.getTime() + longestMs, LAST_INSTANT_MS))],
    );
  }

  /** Answers whether a payout was begun. Which of several processes begins it is the database's choice. */
  async function payOut(merchant: Candidate, isLast: boolean): Promise<boolean> {
    const most = payableMsat(wallet, merchant.available_msat, isLast);
    let { min_sendable_msat: min, max_sendable_msat: max } = merchant;
    // 0 is too little for the way, which is not the address's doing.
    const isOutside = most.amountMsat < (min ?? 0) || most.amountMsat > (max ?? most.amountMsat);
    if (most.amountMsat > 0 && isOutside) {
      const range = await merchants.refreshRange(merchant.id, merchant.lightning_address, most.amountMsat);
      [min, max] = [range?.min ?? null, range?.max ?? null];
    }
    const amountMsat = Math.min(most.amountMsat, Math.floor((max ?? most.amountMsat) / 1000) * 1000);
    if (amountMsat < Math.max(1_000, min ?? 0)) {
      // Its turn is over: it must not stand before others for ever. In a wind-down, hardly anything is added to a balance.
      await planNext(
        merchant.id,
        Math.max(payoutIntervalSeconds, isLast ? LONGEST_RETRY_SECONDS : FIRST_RETRY_SECONDS),
      );
      return false;
    }
    const id = randomId();
    // Half of a small last balance is its fee limit; an address that takes less has enough with the usual one.
    const maxFeeMsat = amountMsat < most.amountMsat ? feeLimit(wallet, amountMsat) : most.maxFeeMsat;
    const outcome = await payouts.reserve({
      ...{ id, account: `merchant:${merchant.id}`, kind: "address", destination: merchant.lightning_address },
      ...{ amountMsat, maxFeeMsat },
    });
    if (outcome === "reserved") await look(id);
    if (outcome === "insufficient" || outcome === "busy") await planNext(merchant.id, FIRST_RETRY_SECONDS);
    return outcome === "reserved";
  }

  /** Takes a payout on, and plans the merchant's next one by how it ended. */
  async function look(id: string): Promise<void> {
    // Read each time: what is under way takes long, and an alarm may have come meanwhile.
    const switchedOn = await switches.read();
    const ended = await sender.advance(id, !switchedOn.has("payouts_paused"));
    if (ended?.kind === "address") await plan(ended, switchedOn.has("winding_down"));
  }

  const planNext = (merchantId: string, seconds: number) =>
    database.query("update managed.merchants set next_payout_at = $2 where id = $1", [
      merchantId,
      new Date(clock().getTime() + seconds * 1000),
    ]);

  async function plan(row: PayoutRow, isLast: boolean): Promise<void> {
    const merchantId = merchantOf(row);
    const now = clock();
    if (row.status === "paid") {
      await database.query("update managed.merchants set payout_failures = 0 where id = $1", [merchantId]);
      await planNext(merchantId, isLast ? 0 : payoutIntervalSeconds);
      return;
    }
    // Nobody could resume the payouts of a merchant without an account.
    const [merchant] = await database.query<{ payout_failures: number; parked_at: Date | null }>(
      `update managed.merchants set payout_failures = payout_failures + 1,
          next_payout_at = $2::timestamptz + least($3 * power(3, least(payout_failures, 20)), $4) * interval '1 s',
          parked_at = case when payout_failures + 1 >= $5 and key_hash is not null then $2::timestamptz end
        where id = $1 returning payout_failures, parked_at`,
      [merchantId, now, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, payoutAttempts],
    );
    if (!merchant || merchant.payout_failures < payoutAttempts) return;
    const failed = `Payouts to ${row.destination} failed ${merchant.payout_failures} times`;
    const why = row.detail ?? row.reason;
    if (merchant.parked_at) {
      const help = "Withdraw the money with an invoice, change the address, or resume the payouts.";
      await notices.tell(merchantId, "payouts-parked", `${failed} and have stopped: ${row.reason} ${help}`);
      await notices.alarm("payouts-parked", `Merchant ${merchantId}: ${failed} and have stopped: ${why}`);
    } else if (merchant.payout_failures === payoutAttempts) {
      await notices.alarm("payouts-failing", `${failed}. From now on, the service tries them once a day: ${why}`);
    }
  }

  /** Does the same with each. Throws the first error once all have ended. */
  async function forEach<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
    const errors = await inParallel(items, AT_ONCE, act);
    if (errors.length > 0) throw errors[0];
  }

  return {
    /** Takes on what is under way, then starts what is due. */
    async run(): Promise<PayoutRound> {
      const switchedOn = await switches.read();
      // Those under way are looked after also while payouts are paused: their money has perhaps left already.
      await forEach(await payouts.due(), ({ id }) => look(id));
      if (switchedOn.has("payouts_paused")) return { turns: 0, begun: 0 };
      const isLast = switchedOn.has("winding_down");
      const due = await candidates(isLast);
      let begun = 0;
      await forEach(due, async (merchant) => {
        if (await payOut(merchant, isLast)) begun++;
      });
      return { turns: due.length, begun };
    },
  };
}
