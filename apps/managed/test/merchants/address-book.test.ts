import { createLnurl } from "@l402/lnurl";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rangeIn } from "../../src/merchants/sendable-range.ts";
import { fakePayeeNode, type PayeeServer, startPayeeServer } from "../payee-server.ts";

let server: PayeeServer;
beforeAll(async () => {
  server = await startPayeeServer(fakePayeeNode(fakeLightning({ clock: fakeClock() }).provider));
});
afterAll(() => server.close());

describe("the amounts that an address takes", () => {
  it("are read from the error that @l402/lnurl really throws", async () => {
    Object.assign(server.user("picky"), { minSendable: 5_000, maxSendable: 7_000 });
    const provider = createLnurl({ address: server.address("picky"), allowPrivateHosts: true, clock: fakeClock() });
    for (const amountMsat of [4_999, 7_001]) {
      const error = await provider
        .createInvoice({ amountMsat, description: "", expiresInSeconds: 60 })
        .catch((thrown: unknown) => thrown);
      expect(rangeIn(error)).toEqual({ min: 5_000, max: 7_000 });
    }
  });

  it("are in no other error", () => {
    for (const error of [
      undefined,
      new Error("Use a price from 1 to 2 msat."),
      { hint: "Use a price from 1 to 2 msat." },
    ])
      expect(rangeIn(error)).toBeUndefined();
  });
});
