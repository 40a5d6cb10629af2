import type { Statistics } from "../operator/statistics.ts";
import type { Service } from "../service.ts";

type Sample = readonly [labels: string, value: number];

/** The books, for Prometheus. */
export async function metricsText(service: Service, statistics: () => Promise<Statistics>): Promise<string> {
  const [solvency, on, totals] = await Promise.all([service.solvency.measure(), service.switches.read(), statistics()]);
  const { balance, spendableMsat } = solvency;
  const yes = (is: boolean) => (is ? 1 : 0);
  const each = (label: string, counts: Record<string, number>): Sample[] =>
    Object.entries(counts).map(([name, value]) => [`{${label}="${name}"}`, value]);
  const oldest = totals.oldestPayoutAt?.getTime();
  const age = oldest === undefined ? 0 : Math.max(0, (service.settings.clock().getTime() - oldest) / 1_000);

  const metrics: [name: string, help: string, samples: Sample[]][] = [
    ["balance_msat", "The balances in the ledger.", balancesOf(balance)],
    [
      "owed_msat",
      "The amount owed to merchants and for payouts, including running payouts.",
      [["", solvency.owedMsat]],
    ],
    ["held_msat", "The amount available to pay the amount owed.", [["", solvency.heldMsat]]],
    [
      "node_spendable_msat",
      "The spendable balance that the node reports.",
      spendableMsat === undefined ? [] : [["", spendableMsat]],
    ],
    ["solvent", "1 if the service can pay the whole amount owed.", [["", yes(solvency.isSolvent)]]],
    [
      "switched_on",
      "1 for each operation that the operator or an alarm has stopped.",
      ["payouts_paused", "invoices_stopped", "winding_down"].map((name) => [`{switch="${name}"}`, yes(on.has(name))]),
    ],
    ["merchants", "The number of merchants.", [["", totals.merchants]]],
    ["parked_merchants", "The number of merchants whose payouts have stopped after failures.", [["", totals.parked]]],
    ["invoices", "By status.", each("status", totals.invoices)],
    ["payouts", "By status.", each("status", totals.payouts)],
    ["oldest_payout_seconds", "The age of the oldest running payout.", [["", age]]],
  ];
  return metrics.map(([name, help, samples]) => metric(`managed_${name}`, help, samples)).join("");
}

const balancesOf = (balance: object): Sample[] =>
  Object.entries(balance).map(([name, value]) => [`{account="${name.replace(/Msat$/, "")}"}`, value as number]);

const metric = (name: string, help: string, samples: Sample[]) =>
  samples.length === 0
    ? ""
    : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join("")}`;
