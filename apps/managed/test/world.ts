import { type FakeClock, type FakeLightning, fakeClock, fakeLightning } from "@l402/testing";
import { createService, type Service } from "../src/create-service.ts";
import type { Database } from "../src/database/database.ts";
import type { InvoiceRow } from "../src/invoices/invoices.ts";
import type { Merchant, Registration } from "../src/merchants/merchants.ts";
import type { ServiceOptions } from "../src/settings.ts";
import { fakePayeeNode, type PayeeServer, startPayeeServer } from "./payee-server.ts";
import { openTestDatabase } from "./postgres/open-test-database.ts";

const START_MSAT = 1_000_000_000_000;

/** The service with everything around it: buyers, a node in two halves, and the server of the merchants' addresses. */
export interface World {
  service: Service;
  database: Database;
  clock: FakeClock;
  /** Makes the service's invoices. Buyers pay them by `node.settle`. */
  node: FakeLightning;
  /** What the service pays: the other side of its wallet. */
  outside: FakeLightning;
  payees: PayeeServer;
  alarms: string[];
  /** What the node really has. */
  nodeBalanceMsat(): number;
  /** Another service on the same database and node. */
  another(options?: Partial<ServiceOptions>): Service;
  register(user?: string, mode?: Merchant["mode"]): Promise<Registration>;
  /** Sells something to a merchant's buyer, who pays. */
  sell(merchant: Merchant, amountMsat: number): Promise<InvoiceRow>;
  balanceOf(merchant: Merchant): Promise<number>;
  close(): Promise<void>;
}

/** Opens a world. The options are the service's. */
export async function openWorld(options: Partial<ServiceOptions> & { feeMsat?: number } = {}): Promise<World> {
  const { feeMsat = 0, ...given } = options;
  const database = given.database ?? (await openTestDatabase());
  const clock = fakeClock(new Date("2026-01-01T00:00:00Z"));
  const node = fakeLightning({ clock });
  const outside = fakeLightning({ clock, feeMsat, balanceMsat: START_MSAT });
  const payees = await startPayeeServer(fakePayeeNode(outside.provider));
  const alarms: string[] = [];
  const nodeBalanceMsat = () => {
    const received = node.invoices.filter(({ status }) => status === "settled");
    return (
      received.reduce((sum, { amountMsat, receivedMsat }) => sum + (receivedMsat ?? amountMsat), 0) +
      outside.balanceMsat -
      START_MSAT
    );
  };
  const another = (more: Partial<ServiceOptions> = {}) =>
    createService({
      ...{ database, clock, nodeBalanceMsat, provider: node.provider, wallet: outside.wallet, network: "regtest" },
      ...{ allowPrivateHosts: true, onAlarm: (text: string) => alarms.push(text) },
      ...given,
      ...more,
    });
  const service = another();
  let users = 0;

  return {
    ...{ service, database, clock, node, outside, payees, alarms, nodeBalanceMsat, another },
    register: (user = `user-${++users}`, mode = "custodial") => service.merchants.register(payees.address(user), mode),
    async sell(merchant, amountMsat) {
      const row = await service.invoices.create(merchant, { amountMsat, description: "Tea", expiresInSeconds: 600 });
      (row.kind === "direct" ? outside : node).settle(row.payment_hash);
      return service.settlement.check(row);
    },
    balanceOf: async ({ id }) => (await service.balance(id)).availableMsat,
    async close() {
      payees.close();
      await database.close();
    },
  };
}
