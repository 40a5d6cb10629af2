import { createServer } from "node:http";
import { signInvoice } from "@l402/bolt11/signature";
import { decodeInvoice } from "@l402/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemOf } from "../../src/problem.ts";
import type { PayeeTraps } from "../payee-server.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ payoutAttempts: 1_000 });
});
afterAll(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const KEY = "402".padStart(64, "0");
/** Its invoice, with something changed. */
function changed(pr: unknown, changes: Partial<Parameters<typeof signInvoice>[0]>): string {
  const { network, amountMsat, timestamp, expiresAt, paymentHash, descriptionHash, paymentSecret } = decodeInvoice(
    String(pr),
  );
  const fields = {
    network,
    amountMsat,
    timestamp,
    expiresAt,
    paymentHash,
    descriptionHash,
    paymentSecret: String(paymentSecret),
  };
  return signInvoice({ ...fields, ...changes }, KEY);
}
const invoice = (changes: Parameters<typeof changed>[1]): PayeeTraps => ({
  invoice: (honest) => ({ ...honest, pr: changed(honest.pr, changes) }),
});

const TRAPS: [string, PayeeTraps][] = [
  ["an invoice for one msat more", invoice({ amountMsat: 1_974_001n })],
  ["an invoice for one msat less", invoice({ amountMsat: 1_973_999n })],
  ["an invoice without an amount", invoice({ amountMsat: undefined })],
  ["an invoice for mainnet", invoice({ network: "bitcoin" })],
  ["an invoice that has expired", invoice({ expiresAt: new Date("2026-01-01T00:00:01Z") })],
  ["an invoice for another description", invoice({ descriptionHash: "00".repeat(32) })],
  ["an invoice with a description in clear", invoice({ descriptionHash: undefined, description: "Payment" })],
  ["no invoice", { invoice: () => ({ status: "OK" }) }],
  ["an invoice that is a number", { invoice: () => ({ pr: 7 }) }],
  ["terms that are no object", { terms: () => ["payRequest"] }],
  ["terms of something else", { terms: (honest) => ({ ...honest, tag: "withdrawRequest" }) }],
  ["limits that nothing fits", { terms: (honest) => ({ ...honest, minSendable: 10, maxSendable: 1 }) }],
  ["limits that are no numbers", { terms: (honest) => ({ ...honest, minSendable: "1", maxSendable: {} }) }],
  ["a callback that is a file", { terms: (honest) => ({ ...honest, callback: "file:///etc/passwd" }) }],
  [
    "a redirect",
    {
      request(_, response) {
        response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
        return true;
      },
    },
  ],
  [
    "a body without an end",
    {
      request(_, response) {
        response.writeHead(200, { "content-type": "application/json" });
        const write = () => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
        };
        response.on("drain", write);
        write();
        return true;
      },
    },
  ],
];

describe("an address whose server answers with", () => {
  it.each(TRAPS)("%s is paid nothing, and its balance stays whole", async (name, traps) => {
    const user = name.replaceAll(/\W/g, "-");
    const { merchant } = await world.register(user);
    await world.sell(merchant, 2_000_000);
    const payee = world.payees.user(user);
    Object.assign(payee, traps);
    const paid = world.outside.calls.payInvoice;
    // A new service, which remembers no terms.
    await world.another().tick();
    expect(world.outside.calls.payInvoice).toBe(paid);
    expect(await world.service.payouts.list(`merchant:${merchant.id}`)).toMatchObject([{ status: "failed" }]);
    expect(await world.service.balance(merchant.id)).toEqual({ availableMsat: 1_994_000, pendingMsat: 0, owedMsat: 0 });
    await world.database.query("update managed.merchants set parked_at = now() where id = $1", [merchant.id]);
  });

  it.each([9e18, 1e20])(
    "a limit of %s msat, too large for a whole number, stops nobody's payouts",
    async (maxSendable) => {
      const user = `huge-${maxSendable}`.replace("+", "");
      const [{ merchant: thief }, { merchant }] = [await world.register(user), await world.register()];
      await world.sell(thief, 2_000_000);
      world.payees.user(user).terms = (honest) => ({ ...honest, minSendable: 10_000_000, maxSendable });
      await world.another().tick();
      expect(await world.service.payouts.list(`merchant:${thief.id}`)).toMatchObject([{ status: "failed" }]);
      await world.sell(merchant, 2_000_000);
      // Both are due.
      world.clock.advanceSeconds(60);
      await world.another().tick();
      expect(await world.service.payouts.list(`merchant:${merchant.id}`)).toMatchObject([{ status: "paid" }]);
      expect(await world.service.balance(thief.id)).toMatchObject({ availableMsat: 1_994_000, pendingMsat: 0 });
      await world.database.query("update managed.merchants set parked_at = now() where id = $1", [thief.id]);
    },
  );

  it("an invoice that was given and paid before is paid once", async () => {
    const { merchant } = await world.register("again");
    await world.sell(merchant, 2_000_000);
    await world.another().tick();
    const [first] = await world.service.payouts.list(`merchant:${merchant.id}`);
    world.payees.user("again").invoice = (honest) => ({ ...honest, pr: first?.bolt11 });
    world.clock.advanceSeconds(3_600);
    await world.sell(merchant, 1_994_000 - 20_000);
    const paid = world.outside.calls.payInvoice;
    await world.another().tick();
    expect(world.outside.calls.payInvoice).toBe(paid);
    expect((await world.service.payouts.list(`merchant:${merchant.id}`)).map(({ status }) => status)).toEqual([
      "failed",
      "paid",
    ]);
    await world.database.query("update managed.merchants set parked_at = now() where id = $1", [merchant.id]);
  });

  it("an invoice of the service itself is not paid in a circle", async () => {
    const seller = await world.register();
    const order = { amountMsat: 1_974_000, description: "", expiresInSeconds: 600 };
    const own = await world.service.invoices.create(seller.merchant, order);
    const { merchant } = await world.register("circle");
    await world.sell(merchant, 2_000_000);
    // Its commitment is right, so only that it is ours stands in the way.
    world.payees.user("circle").invoice = (honest) => ({
      ...honest,
      pr: changed(honest.pr, { paymentHash: own.payment_hash }),
    });
    const paid = world.outside.calls.payInvoice;
    await world.another().tick();
    expect(world.outside.calls.payInvoice).toBe(paid);
    expect(await world.service.payouts.list(`merchant:${merchant.id}`)).toMatchObject([
      { status: "failed", reason: expect.stringContaining("created by this service itself") },
    ]);
  });
});

describe("an address that leads inside", () => {
  it.each([
    ...["a@127.0.0.1", "a@localhost", "a@10.0.0.1", "a@169.254.169.254", "a@[::1]", "a@0.0.0.0", "a@2130706433"],
    ...["a@0x7f.1", "a@192.168.1.1:8080", "a@metadata.internal", "a@127.0.0.1.", "a@[::ffff:127.0.0.1]"],
  ])("%s is refused, and nobody in there is asked", async (address) => {
    let asked = 0;
    const inside = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
    const { port } = inside.address() as { port: number };
    const service = world.another({ allowPrivateHosts: false });
    for (const text of [address, address.includes(":") ? address : `${address}:${port}`]) {
      const thrown: unknown = await service.merchants.register(text).catch((error) => error);
      expect(problemOf(thrown)).toMatchObject({ code: "ADDRESS_INVALID" });
    }
    inside.close();
    expect(asked).toBe(0);
  });
});
