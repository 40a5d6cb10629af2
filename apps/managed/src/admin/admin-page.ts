import { html, raw } from "hono/html";
import type { Notice } from "../merchants/notices.ts";
import type { LargeBalance } from "../operator/largest-balances.ts";
import type { BrokenRule, Solvency } from "../operator/solvency.ts";
import type { Statistics } from "../operator/statistics.ts";
import type { PayoutRow } from "../payouts/payouts.ts";
import { daysChart, type Share, sharesChart } from "./admin-charts.ts";
import { ADMIN_STYLE } from "./admin-style.ts";
import { counted, instant, sats } from "./amounts.ts";

export interface AdminFacts {
  about: { network: string; provider: string; database: string; now: Date };
  audit: { broken: BrokenRule[]; at: Date };
  rules: string[];
  solvency: Solvency;
  on: Map<string, string>;
  totals: Statistics;
  balances: LargeBalance[];
  payouts: PayoutRow[];
  alarms: Notice[];
}

/** SECURITY: every text goes through `html`, which escapes it (admin.test.ts, "escapes"). */
export function adminPage(facts: AdminFacts) {
  const { about, totals, on } = facts;
  const note = about.network === "regtest" ? "play money" : about.network;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>L402 managed service</title>
<style>${raw(ADMIN_STYLE)}</style>
</head>
<body>
<header>
<h1>L402 managed service<small>${about.provider} · ${about.database} · ${instant(about.now)} UTC</small></h1>
<span class="pill plain">${note}</span>
${facts.solvency.isSolvent ? pill("good", "Solvent") : pill("bad", "Not solvent")}
${on.has("payouts_paused") ? pill("bad", "Payouts paused") : pill("good", "Payouts run")}
${on.has("winding_down") ? pill("wait", "Winding down") : on.has("invoices_stopped") ? pill("wait", "No new invoices") : ""}
</header>
<main class="grid">
${tiles(facts)}
<section class="wide" aria-labelledby="days"><div class="head"><h2 id="days">The last ${totals.days.length} days</h2><span><i class="key in"></i>received<i class="key out"></i>paid out, in sats</span></div><div class="chart">${daysChart(totals.days)}</div></section>
${money(facts)}
${payoutTable(facts.payouts)}
${invariants(facts)}
${balanceTable(facts.balances)}
${alarmList(facts)}
</main>
</body>
</html>`;
}

const pill = (kind: string, text: string) => html`<span class="pill ${kind}">${text}</span>`;

function tiles({ solvency, totals }: AdminFacts) {
  const { balance, owedMsat } = solvency;
  const underWay = totals.payouts.reserved + totals.payouts.sending;
  const received = totals.days.reduce((sum, day) => sum + day.receivedMsat, 0);
  const payments = totals.days.reduce((sum, day) => sum + day.payments, 0);
  const tile = (name: string, figure: string, unit: string, note: string) =>
    html`<section class="tile"><h2>${name}</h2><p>${figure} <small>${unit}</small></p><div class="note">${note}</div></section>`;
  return [
    tile(
      "Owed to merchants",
      sats(owedMsat, 0),
      "sats",
      `${counted(totals.merchants, "merchant")}, ${totals.parked} parked`,
    ),
    tile("Received in 30 days", sats(received, 0), "sats", counted(payments, "payment")),
    tile("Fees to withdraw", sats(balance.feeMsat), "sats", "0.3 % of every payment"),
    tile(
      "Running payouts",
      String(underWay),
      "",
      `${totals.payouts.paid} paid, ${totals.payouts.failed} failed so far`,
    ),
  ];
}

function money({ solvency }: AdminFacts) {
  const { balance, heldMsat, owedMsat, spendableMsat } = solvency;
  const own = Math.max(0, heldMsat - owedMsat - balance.feeMsat);
  const shares: Share[] = [
    { kind: "in", name: "Available to merchants", msat: balance.merchantsMsat },
    { kind: "out", name: "Reserved for payouts", msat: balance.merchantsPendingMsat + balance.feePendingMsat },
    { kind: "fee", name: "Fees", msat: balance.feeMsat },
    { kind: "rest", name: "The operator's own money", msat: own },
  ];
  const rows = shares.map(
    ({ kind, name, msat }) => html`<dt><i class="key ${kind}"></i>${name}</dt><dd>${sats(msat)}</dd>`,
  );
  const source = spendableMsat === undefined ? "according to the ledger" : "as reported by the node";
  return html`<section class="side" aria-labelledby="money"><div class="head"><h2 id="money">What the node holds</h2><span>sats</span></div>${sharesChart(shares)}<dl>${rows}<dt class="sum">Total, ${source}</dt><dd class="sum">${sats(heldMsat)}</dd></dl></section>`;
}

const STATUS: Record<PayoutRow["status"], string> = { reserved: "wait", sending: "wait", paid: "good", failed: "bad" };

function payoutTable(payouts: readonly PayoutRow[]) {
  const rows = payouts.map(
    (row) =>
      html`<tr><td class="roomy"><time datetime="${row.created_at.toISOString()}">${instant(row.created_at).slice(5)}</time></td><td class="long" title="${row.detail ?? row.reason ?? row.destination}">${row.account === "fee" ? "operator’s fees" : row.destination}</td><td class="number">${sats(row.amount_msat, 0)}</td><td class="number roomy">${row.fee_msat === null ? "–" : sats(row.fee_msat)}</td><td class="number">${pill(STATUS[row.status], row.status)}</td></tr>`,
  );
  const table = html`<table><thead><tr><th class="roomy">Started (UTC)</th><th>To</th><th class="number">Sats</th><th class="number roomy">Routing</th><th class="number">Status</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="wide" aria-labelledby="payouts"><div class="head"><h2 id="payouts">Payouts</h2><span>newest first</span></div>${payouts.length === 0 ? empty("No payouts yet.") : table}</section>`;
}

function invariants({ audit, rules }: AdminFacts) {
  const items = rules.map((rule) => {
    const found = audit.broken.find((each) => each.rule === rule);
    return found ? html`<li class="broken">${rule}: ${found.detail}</li>` : html`<li>${rule}</li>`;
  });
  return html`<section class="side" aria-labelledby="rules"><div class="head"><h2 id="rules">Invariants</h2><span>audited at ${instant(audit.at).slice(11)}</span></div><ul>${items}</ul></section>`;
}

function balanceTable(balances: readonly LargeBalance[]) {
  const rows = balances.map(
    (row) =>
      html`<tr><td class="long" title="${row.merchantId}">${row.lightningAddress}</td><td class="number">${sats(row.availableMsat)}</td><td class="number">${sats(row.pendingMsat)}</td><td class="number">${row.isParked ? pill("bad", "parked") : pill("plain", "running")}</td></tr>`,
  );
  const table = html`<table><thead><tr><th>Address</th><th class="number">Available</th><th class="number">Reserved</th><th class="number">Payouts</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="split" aria-labelledby="balances"><div class="head"><h2 id="balances">Largest balances</h2><span>sats</span></div>${balances.length === 0 ? empty("No balances.") : table}</section>`;
}

function alarmList({ alarms, on }: AdminFacts) {
  const stopped = [...on].map(([name, reason]) => html`<li>${pill("wait", name.replaceAll("_", " "))} ${reason}</li>`);
  const told = alarms.map(
    ({ at, text }) => html`<li><time datetime="${at.toISOString()}">${instant(at).slice(5)}</time> ${text}</li>`,
  );
  const list = html`<ul class="alarms">${stopped}${told}</ul>`;
  return html`<section class="split" aria-labelledby="alarms"><div class="head"><h2 id="alarms">Alarms</h2></div>${stopped.length + told.length === 0 ? empty("There are no alarms.") : list}</section>`;
}

const empty = (text: string) => html`<p class="empty">${text}</p>`;
