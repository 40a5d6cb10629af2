import { randomBytes } from "node:crypto";
import { type Invoice, L402Error, type LightningProvider } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeProvider, type FakeLightning, fakeClock, fakeLightning } from "../../src/index.ts";
import { type ProviderSubject, providerCases } from "../../src/kits/provider.ts";
import { namesOf, runCase } from "./run-cases.ts";

type Change = (provider: LightningProvider, lightning: FakeLightning) => Partial<LightningProvider>;

function subjectWith(change: Change): ProviderSubject {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  const fault = (fault: "PROVIDER_UNREACHABLE" | "hang") => () => {
    lightning.always("createInvoice", fault);
    lightning.always("lookupInvoice", fault);
    return lightning.heal;
  };
  return {
    name: "fakeLightning",
    network: "regtest",
    clock,
    secrets: [API_KEY],
    patienceSeconds: 0.3,
    create: () => ({ ...lightning.provider, ...change(lightning.provider, lightning) }),
    settle: ({ paymentHash }) => lightning.settle(paymentHash),
    expire: ({ expiresAt }) => clock.set(expiresAt),
    breakBackend: fault("PROVIDER_UNREACHABLE"),
    hangBackend: fault("hang"),
  };
}

const API_KEY = "sk_live_0123456789";

describeProvider(
  { describe, it },
  subjectWith(() => ({})),
);

const invoices = (
  provider: LightningProvider,
  change: (invoice: Invoice) => Partial<Invoice>,
): Partial<LightningProvider> => ({
  async createInvoice(input) {
    const invoice = await provider.createInvoice(input);
    return { ...invoice, ...change(invoice) };
  },
});

const LIES = [
  ["wrong-amount", "creates invoices for exactly the amount that was asked for"],
  ["amountless", "creates invoices for exactly the amount that was asked for"],
  ["wrong-hash", "names the payment hash of the BOLT11, in lower-case hex"],
  ["wrong-network", "creates invoices on its network, with a valid signature"],
  ["already-expired", "creates invoices that expire when they should"],
  ["already-expired", "says of an invoice that it expires when its BOLT11 does"],
] as const;

const BREAKAGES: readonly [what: string, failingCase: string, change: Change][] = [
  [
    "does not say whether a preimage proves payment",
    "has a name, and says whether a preimage proves payment",
    () => ({ preimageProvesPayment: undefined as never }),
  ],
  [
    "rounds to sats",
    "never rounds a fraction of a sat: the invoice is exact, or it is refused",
    ({ createInvoice }) => ({
      createInvoice: (input) => createInvoice({ ...input, amountMsat: Math.ceil(input.amountMsat / 1000) * 1000 }),
    }),
  ],
  [
    "makes something of a wrong amount",
    "refuses an amount that is not a whole number above zero",
    ({ createInvoice }) => ({
      createInvoice: (input) => createInvoice({ ...input, amountMsat: Math.floor(input.amountMsat) || 1 }),
    }),
  ],
  [
    "answers a charge id for a hash",
    "names the payment hash of the BOLT11, in lower-case hex",
    (provider) => invoices(provider, () => ({ paymentHash: "5c3a1b0e-charge" })),
  ],
  [
    "answers the hash in upper case",
    "names the payment hash of the BOLT11, in lower-case hex",
    (provider) => invoices(provider, ({ paymentHash }) => ({ paymentHash: paymentHash.toUpperCase() })),
  ],
  [
    "answers the last invoice again",
    "creates another invoice every time",
    ({ createInvoice }) => {
      let last: Promise<Invoice> | undefined;
      return { createInvoice: (input) => (last ??= createInvoice(input)) };
    },
  ],
  [
    "mixes parallel calls up",
    "creates invoices in parallel without mixing them up",
    ({ createInvoice }) => {
      let latest: Parameters<typeof createInvoice>[0];
      return {
        async createInvoice(input) {
          latest = input;
          await Promise.resolve();
          return createInvoice(latest);
        },
      };
    },
  ],
  [
    "drops the description",
    "carries the description to the payer, or its hash",
    ({ createInvoice }) => ({ createInvoice: (input) => createInvoice({ ...input, description: "L402" }) }),
  ],
  [
    "answers the preimage with the invoice",
    "reports an unpaid invoice as open, without a preimage",
    (provider) => invoices(provider, () => ({ preimage: randomBytes(32).toString("hex") }) as object),
  ],
  [
    "answers the preimage before settlement",
    "reports an unpaid invoice as open, without a preimage",
    ({ lookupInvoice }) => ({
      lookupInvoice: async (ref) => {
        const state = await lookupInvoice(ref);
        return state.status === "open" ? ({ ...state, preimage: randomBytes(32).toString("hex") } as never) : state;
      },
    }),
  ],
  [
    "answers zeros for a preimage",
    "reports a paid invoice as settled, with its true preimage or with none",
    ({ lookupInvoice }) => ({
      async lookupInvoice(ref) {
        const state = await lookupInvoice(ref);
        return state.status === "settled" ? { ...state, preimage: "0".repeat(64) } : state;
      },
    }),
  ],
  [
    "answers an empty preimage",
    "reports a paid invoice as settled, with its true preimage or with none",
    ({ lookupInvoice }) => ({
      async lookupInvoice(ref) {
        const state = await lookupInvoice(ref);
        return state.status === "settled" ? { ...state, preimage: "" } : state;
      },
    }),
  ],
  [
    "gives seconds for milliseconds",
    "says when an invoice was settled, or nothing",
    ({ lookupInvoice }) => ({
      async lookupInvoice(ref) {
        const state = await lookupInvoice(ref);
        return state.status === "settled" ? { ...state, settledAt: new Date(1_767_225_600) } : state;
      },
    }),
  ],
  [
    "says that more arrived than was asked for",
    "says how much has arrived, or nothing",
    ({ lookupInvoice }) => ({
      async lookupInvoice(ref) {
        const state = await lookupInvoice(ref);
        return state.status === "settled" ? { ...state, receivedMsat: 1_000_000_000_000 } : state;
      },
    }),
  ],
  [
    "calls everything settled",
    "reports as settled only the invoice that was paid",
    () => ({ lookupInvoice: async () => ({ status: "settled" }) }),
  ],
  [
    "never notices a payment",
    "sells: 402 with an invoice, and 200 once it is paid",
    () => ({ preimageProvesPayment: false, lookupInvoice: async () => ({ status: "open" }) }),
  ],
  [
    "notices no payment a second time",
    "sells a use once: the same credential again is refused",
    () => ({ preimageProvesPayment: false, lookupInvoice: async () => ({ status: "open" }) }),
  ],
  [
    "sells the same invoice to everybody",
    "sells nothing for a preimage or a token that somebody made up",
    ({ createInvoice }) => {
      let last: Promise<Invoice> | undefined;
      return { createInvoice: (input) => (last ??= createInvoice(input)) };
    },
  ],
  [
    "creates no invoices",
    "sells nothing for a token that has expired",
    () => ({ createInvoice: () => Promise.reject(new L402Error("PROVIDER_REJECTED")) }),
  ],
  [
    "calls an expired invoice open",
    "reports an unpaid invoice as expired or canceled when its time is over, without a preimage",
    ({ lookupInvoice }) => ({
      async lookupInvoice(ref) {
        const state = await lookupInvoice(ref);
        return state.status === "expired" ? { status: "open" } : state;
      },
    }),
  ],
  [
    "calls an unknown invoice open",
    "rejects a payment hash that it does not know",
    ({ lookupInvoice }) => ({ lookupInvoice: (ref) => lookupInvoice(ref).catch(() => ({ status: "open" as const })) }),
  ],
  [
    "throws what fetch throws",
    "rejects with a PROVIDER error while its backend is down",
    ({ createInvoice }) => ({
      createInvoice: (input) =>
        createInvoice(input).catch(() => {
          throw new TypeError("fetch failed");
        }),
    }),
  ],
  [
    "shows its key in errors",
    "rejects with a PROVIDER error while its backend is down",
    ({ createInvoice }) => ({
      createInvoice: (input) =>
        createInvoice(input).catch(() => {
          throw new L402Error("PROVIDER_UNAUTHORIZED", "Refused.", { cause: { headers: { "X-Api-Key": API_KEY } } });
        }),
    }),
  ],
  [
    "breaks for good",
    "works again when its backend is back, without a restart",
    ({ createInvoice }) => {
      let failure: unknown;
      return {
        async createInvoice(input) {
          if (failure) throw failure;
          return createInvoice(input).catch((error) => {
            failure = error;
            throw error;
          });
        },
      };
    },
  ],
  [
    "does not listen to its caller",
    "gives up when its caller does",
    ({ createInvoice }) => ({ createInvoice: ({ signal: _, ...input }) => createInvoice(input) }),
  ],
  [
    "looks at the signal too late",
    "rejects a caller who gave up before",
    ({ lookupInvoice }) => ({ lookupInvoice: (ref) => lookupInvoice(ref) }),
  ],
];

describe("the kit", () => {
  it.each(BREAKAGES)("notices a provider that %s", async (_, failingCase, change) => {
    await expect(runCase(providerCases, failingCase, subjectWith(change))).rejects.toThrow();
  });

  it.each(LIES)("notices the lie %s", async (lie, failingCase) => {
    const liar: Change = ({ createInvoice }, lightning) => ({
      createInvoice(input) {
        lightning.next("createInvoice", lie);
        return createInvoice(input);
      },
    });
    await expect(runCase(providerCases, failingCase, subjectWith(liar))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set([...BREAKAGES, ...LIES].map(([, failingCase]) => failingCase))].sort()).toEqual(
      namesOf(providerCases),
    );
  });
});
