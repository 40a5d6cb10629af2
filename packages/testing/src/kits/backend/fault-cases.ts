import assert from "node:assert/strict";
import { newPreimage } from "../../lightning/ledger.ts";
import { signedBolt11 } from "../../lightning/signed-bolt11.ts";
import type { BackendSubject } from "../backend.ts";
import { errorOf, expectL402Error, expectNoSecrets, outcomeOf } from "../expectations.ts";
import { given, type KitCase } from "../kit.ts";
import { BACKENDS_WORDS, type BackendFault, faults } from "./faults.ts";
import { type HostileServer, startHostileServer } from "./hostile-server.ts";
import { recordConsole } from "./record-console.ts";

/** Short for the faults that run into the time limit, and long enough for a busy computer for the others. */
const timeoutFor = ({ isSlow }: BackendFault): number => (isSlow ? 0.25 : 2);
const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };

/** A provider creates an invoice, or fails with an error that says what to do. */
export const providerFaultCases: readonly KitCase<BackendSubject>[] = faults.map((fault) => ({
  name: `fails with ${fault.codes.join(" or ")} when the backend ${fault.name}`,
  safety: true,
  needs: "provider" as const,
  run: (subject) =>
    underFault(fault, subject, async ({ url }, secrets) => {
      const provider = given(subject, "provider")({ url, timeoutSeconds: timeoutFor(fault) });
      const { paymentHash } = newPreimage();
      const ref = { paymentHash, ...(subject.providerRef && { providerRef: subject.providerRef(url) }) };
      const calls = [() => provider.createInvoice(ORDER), () => provider.lookupInvoice(ref)];
      const failures = await Promise.all(calls.map((call) => errorOf(call, "There was an answer.", 5)));
      for (const failure of failures) {
        const error = expectL402Error(failure, new RegExp(`^(${fault.codes.join("|")})$`), secrets);
        assert.equal(error.fundsMoved, "no", "An invoice moves no money.");
        assert.ok(error.hint, "There must be a hint.");
        if (fault.retryable !== undefined) assert.equal(error.retryable, fault.retryable, "retryable");
        if (fault.retryAfterSeconds) assert.equal(error.retryAfterSeconds, fault.retryAfterSeconds);
      }
    }),
}));

/** SECURITY: a wallet must not guess "paid" or "failed" (backend.test.ts, "a wallet that guesses"). */
export const walletFaultCases: readonly KitCase<BackendSubject>[] = faults.map((fault) => ({
  name: `neither claims nor denies a payment without knowing when the backend ${fault.name}`,
  safety: true,
  needs: "wallet" as const,
  run: (subject) =>
    underFault(fault, subject, async ({ url }, secrets) => {
      const wallet = given(subject, "wallet")({ url, timeoutSeconds: timeoutFor(fault) });
      const { bolt11, paymentHash } = anInvoice();
      const timeoutSeconds = 0.5;
      const askedAt = performance.now();
      const paid = await outcomeOf(() => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds }), 15);
      const waited = performance.now() - askedAt;
      assert.ok(
        !fault.isSlow || waited > timeoutSeconds * 1000,
        "A payment may take the timeoutSeconds of payInvoice, whatever the time limit of a call.",
      );
      if ("error" in paid) {
        const error = expectL402Error(paid.error, /^PROVIDER_/, secrets);
        assert.equal(error.fundsMoved, "no", "A wallet rejects only where no money can have moved.");
        assert.ok(fault.certain, "Nobody knows here whether the payment was sent.");
      } else {
        assert.equal(paid.answer.status, "unknown");
        expectNoSecrets(paid.answer, secrets);
      }
      const found = await outcomeOf(() => wallet.lookupPayment(paymentHash), 15);
      if ("error" in found) expectL402Error(found.error, /^PROVIDER_/, secrets);
      else assert.equal(found.answer.status, "unknown");
      expectNoSecrets(found, secrets);
    }),
}));

function anInvoice(): { bolt11: string; paymentHash: string } {
  const { paymentHash } = newPreimage();
  const timestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
  const bolt11 = signedBolt11({
    network: "regtest",
    paymentHash,
    amountMsat: 21_000n,
    description: "One cup of tea",
    timestamp,
    expiresAt: new Date(timestamp.getTime() + 600_000),
  });
  return { bolt11, paymentHash };
}

type FaultTest = (server: HostileServer, secrets: readonly string[]) => Promise<void>;

async function underFault(fault: BackendFault, subject: BackendSubject, test: FaultTest): Promise<void> {
  const server = await startHostileServer(fault);
  const secrets = [...(subject.secrets ?? []), BACKENDS_WORDS];
  const written = recordConsole();
  try {
    await test(server, secrets);
    expectNoSecrets(written.lines, secrets);
    assert.equal(server.followed, 0, "A redirect was followed.");
  } finally {
    written.stop();
    await server.close();
  }
}
