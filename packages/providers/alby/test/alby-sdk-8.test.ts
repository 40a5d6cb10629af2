import { describeProvider, describeWallet } from "@l402/testing";
import { describe, expect, it, vi } from "vitest";
import { fakeAlbyHub } from "./fake-alby-hub.ts";
import { providerSubject, walletSubject } from "./kit-subjects.ts";

// The other tests run with version 7, the last one whose package admits Node 20.
const sdk8 = await vi.hoisted(async () => import("getalby-sdk-8/nwc"));
vi.mock("@getalby/sdk/nwc", () => sdk8);

const hub = await fakeAlbyHub();

it("is the SDK's version 8 that the following tests run with", () => {
  expect(hub.NWCClient).toBe(sdk8.NWCClient);
});

describeProvider({ describe, it }, providerSubject(hub, "Alby by @getalby/sdk 8"));
describeWallet({ describe, it }, walletSubject(hub, "Alby by @getalby/sdk 8"));
