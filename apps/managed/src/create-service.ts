import { createInvoices } from "./invoices/invoices.ts";
import { createSettlement } from "./invoices/settlement.ts";
import { merchantBalance } from "./ledger/accounts.ts";
import { readStatement } from "./ledger/statement.ts";
import { createAddressBook } from "./merchants/address-book.ts";
import { createMerchants } from "./merchants/merchants.ts";
import { createNotices } from "./merchants/notices.ts";
import { largestBalances } from "./operator/largest-balances.ts";
import { readRules } from "./operator/rules.ts";
import { createSolvency } from "./operator/solvency.ts";
import { createStatistics } from "./operator/statistics.ts";
import { createSwitches } from "./operator/switches.ts";
import { createWindDown } from "./operator/wind-down.ts";
import { createAddressPayouts } from "./payouts/address-payouts.ts";
import { createEndByHand } from "./payouts/end-by-hand.ts";
import { createPayouts } from "./payouts/payouts.ts";
import { createSendPayout } from "./payouts/send-payout.ts";
import { createWithdrawals } from "./payouts/withdrawals.ts";
import { createBalanceRoots } from "./proofs/balance-roots.ts";
import { createSigningKeys } from "./proofs/signing-keys.ts";
import { repeat } from "./repeat.ts";
import type { Service } from "./service.ts";
import { checkSettings, type ServiceOptions } from "./settings.ts";

export type { Service } from "./service.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** How often it is looked whether a new root is due. */
const ROOTS_MS = 5_000;

/** The managed service, without HTTP. Everything it knows is in the database; several may share one. */
export function createService(options: ServiceOptions): Service {
  const settings = checkSettings(options);
  const { database } = settings;
  const notices = createNotices(settings);
  const switches = createSwitches(settings);
  const solvency = createSolvency(settings, switches, notices);
  const book = createAddressBook(settings);
  const merchants = createMerchants(settings, book, notices);
  const invoices = createInvoices(settings, book, switches);
  const settlement = createSettlement(settings, invoices, book, notices);
  const payouts = createPayouts(settings);
  const sender = createSendPayout({ settings, payouts, merchants, notices, book });
  const endByHand = createEndByHand({ settings, payouts, sender, notices });
  const withdrawals = createWithdrawals({ settings, payouts, sender, switches, solvency });
  const addressPayouts = createAddressPayouts({ settings, payouts, sender, merchants, notices, switches });

  const roots = createBalanceRoots({ settings, keys: createSigningKeys(settings), solvency, notices });

  const payOut = async () => {
    // SECURITY: before anything leaves (operator.test.ts, "pauses payouts").
    await solvency.keepFresh();
    return addressPayouts.run();
  };

  return {
    ...{ settings, notices, switches, merchants, invoices, settlement, payouts, withdrawals, solvency, roots },
    balance: (merchantId) => merchantBalance(database, merchantId),
    statement: (merchantId, { after, limit } = {}) => readStatement(database, merchantId, after, limit),
    largestBalances: (limit) => largestBalances(database, limit),
    rules: () => readRules(database),
    statistics: createStatistics(settings),
    windDown: createWindDown(settings, switches, payOut),
    giveUpPayout: endByHand.giveUp,
    confirmPayout: endByHand.confirm,

    async tick() {
      await settlement.sweep();
      await settlement.sweepDirect();
      await merchants.applyAddressChanges();
      await payOut();
      await roots.keepFresh();
    },

    start() {
      // Apart from each other, so that a slow address keeps no payment from being credited.
      const loops = [
        { what: "looking for payments", act: settlement.sweep, pauseMs: SECOND_MS },
        { what: "looking for direct sales", act: settlement.sweepDirect, pauseMs: SECOND_MS },
        { what: "changing addresses", act: merchants.applyAddressChanges, pauseMs: SECOND_MS },
        { what: "sending payouts", act: payOut, pauseMs: SECOND_MS },
        { what: "auditing the ledger", act: solvency.audit, pauseMs: HOUR_MS },
        { what: "signing what it owes", act: roots.keepFresh, pauseMs: ROOTS_MS },
      ].map((repeated) => repeat(repeated, settings));
      return async () => {
        await Promise.all(loops.map((stop) => stop()));
      };
    },
  };
}
