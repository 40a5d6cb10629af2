import { createInvoices } from "./invoices/invoices.ts";
import { createSettlement } from "./invoices/settlement.ts";
import { createAddressBook } from "./merchants/address-book.ts";
import { createMerchants } from "./merchants/merchants.ts";
import { createNotices } from "./merchants/notices.ts";
import { createSolvency } from "./operator/solvency.ts";
import { createSwitches } from "./operator/switches.ts";
import { createWindDown } from "./operator/wind-down.ts";
import { createAddressPayouts } from "./payouts/address-payouts.ts";
import { createPayouts } from "./payouts/payouts.ts";
import { createSendPayout } from "./payouts/send-payout.ts";
import { createWithdrawals } from "./payouts/withdrawals.ts";
import { checkSettings, type ServiceOptions } from "./settings.ts";

export type Service = ReturnType<typeof createService>;

const SWEEP_MS = 1_000;
const SOLVENCY_EVERY = 30;
const AUDIT_EVERY = 3_600;

/** The managed service, without HTTP. Everything it knows is in the database; several may share one. */
export function createService(options: ServiceOptions) {
  const settings = checkSettings(options);
  const notices = createNotices(settings);
  const switches = createSwitches(settings);
  const book = createAddressBook(settings);
  const merchants = createMerchants(settings, book, notices);
  const invoices = createInvoices(settings, book, switches);
  const settlement = createSettlement(settings, invoices, merchants, book);
  const payouts = createPayouts(settings);
  const sender = createSendPayout({ settings, payouts, merchants, notices, book });
  const withdrawals = createWithdrawals(settings, payouts, sender, switches);
  const addressPayouts = createAddressPayouts(settings, payouts, sender, notices, switches);
  const solvency = createSolvency(settings, switches, notices);
  const windDown = createWindDown(settings, switches, addressPayouts);

  let rounds = 0;
  /** One round of what has to be done anyway: what webhooks missed, payouts, address changes, checks. */
  async function tick(): Promise<void> {
    await settlement.sweep();
    await merchants.applyAddressChanges();
    // SECURITY: before anything leaves (operator.test.ts, "pauses payouts").
    if (rounds % SOLVENCY_EVERY === 0) await solvency.check();
    if (rounds % AUDIT_EVERY === 0) await solvency.audit();
    rounds++;
    await addressPayouts.run();
  }

  return {
    ...{ settings, notices, switches, merchants, invoices, settlement, payouts, withdrawals, addressPayouts },
    ...{ solvency, windDown, tick },

    /** Ticks every second until the answered function is called; that waits for the round under way. */
    start(): () => Promise<void> {
      let stopped = false;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let round = Promise.resolve();
      const next = () => {
        round = tick()
          .catch((error: Error) => settings.onAlarm(`A round failed and is repeated: ${error.message}`))
          .then(() => {
            if (!stopped) timer = setTimeout(next, SWEEP_MS);
          });
      };
      next();
      return async () => {
        stopped = true;
        clearTimeout(timer);
        await round;
      };
    },
  };
}
