import { describe, it } from "node:test";
import { describeProvider, fakeLightning } from "../../src/index.ts";

// Run by node-test.test.ts: what a user of node:test writes.
const lightning = fakeLightning();

describeProvider(
  { describe, it },
  {
    name: "fakeLightning",
    network: "regtest",
    create: () => lightning.provider,
    settle: ({ paymentHash }) => lightning.settle(paymentHash),
    skip: {
      "rejects with a PROVIDER error while its backend is down": "it has no backend",
      "works again when its backend is back, without a restart": "it has no backend",
      "gives up when its caller does": "it has no backend",
    },
  },
);
