// A process of the service that does one thing, and is killed where it is told to. Prints what it has answered to callers.

import { createService } from "../../src/create-service.ts";
import { openDatabase } from "../../src/database/open-database.ts";
import type { Step } from "../../src/settings.ts";
import { remoteNode } from "./remote-node.ts";

export interface VictimSettings {
  databaseUrl?: string;
  folder?: string;
  nodeUrl: string;
  /** Milliseconds since 1970. */
  now: number;
  /** How fast its time passes. Default as everybody's. */
  speed?: number;
  dieAt: Step | "never";
  act: "invoice" | "settle" | "payout" | "withdraw" | "run";
  merchantId?: string;
  paymentHash?: string;
  bolt11?: string;
  ownerKey?: string;
  idempotencyKey?: string;
}

const settings = JSON.parse(process.argv[2] as string) as VictimSettings;
const { dieAt, act, merchantId = "", paymentHash = "", bolt11 = "", ownerKey = "", idempotencyKey = "" } = settings;
const database = await openDatabase({ url: settings.databaseUrl, folder: settings.folder });
const began = performance.now();
const service = createService({
  ...{ database, ...remoteNode(settings.nodeUrl), network: "regtest", allowPrivateHosts: true },
  clock: () => new Date(settings.now + (performance.now() - began) * (settings.speed ?? 1)),
  onStep(step) {
    if (step === dieAt) process.kill(process.pid, "SIGKILL");
  },
});
const order = { amountMsat: 2_000_000, description: "Tea", expiresInSeconds: 600 };

const acts: Record<VictimSettings["act"], () => Promise<unknown>> = {
  async invoice() {
    const merchant = await service.merchants.byId(merchantId);
    if (merchant) return (await service.invoices.create(merchant, order, { key: idempotencyKey })).bolt11;
  },
  settle: () => service.settlement.hint(paymentHash),
  payout: () => service.tick(),
  async withdraw() {
    const owner = await service.merchants.byOwnerKey(ownerKey);
    const { row, sent } = await service.withdrawals.forMerchant(owner, { bolt11 }, idempotencyKey);
    await sent;
    return row.id;
  },
  async run() {
    const stop = service.start();
    // Until it is killed, or told to stop.
    await new Promise((resolve) => process.stdin.once("data", resolve));
    await stop();
  },
};
if (act === "run") console.log("ready");
console.log(await acts[act]());
await database.close();
process.exit(0);
