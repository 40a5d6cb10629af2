import assert from "node:assert/strict";
import { errorOf, expectL402Error } from "../expectations.ts";
import { during, given, type KitCase } from "../kit.ts";
import type { ProviderSubject } from "../provider.ts";
import { ORDER, openProvider } from "./open-provider.ts";

/** A backend in trouble quickly causes errors that a server can act on. */
export const providerOutageCases: readonly KitCase<ProviderSubject>[] = [
  {
    name: "rejects with a PROVIDER error while its backend is down",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const { provider, order, patienceSeconds } = await openProvider(subject);
      const { invoice } = await order();
      await during(given(subject, "breakBackend"), provider, async () => {
        for (const call of [() => provider.createInvoice(ORDER), () => provider.lookupInvoice(invoice)]) {
          const error = await errorOf(call, "There was an answer although the backend is down.", patienceSeconds);
          expectL402Error(error, /^PROVIDER_/, subject.secrets);
        }
      });
    },
  },
  {
    name: "works again when its backend is back, without a restart",
    safety: false,
    needs: "breakBackend",
    async run(subject) {
      const { provider, order, lookUp, patienceSeconds } = await openProvider(subject);
      const { invoice } = await order();
      await during(given(subject, "breakBackend"), provider, async () => {
        await errorOf(
          () => provider.createInvoice(ORDER),
          "There was an answer although the backend is down.",
          patienceSeconds,
        );
      });
      await order();
      assert.equal((await lookUp(invoice)).status, "open");
    },
  },
  {
    name: "gives up when its caller does",
    safety: false,
    needs: "hangBackend",
    async run(subject) {
      const { provider, order, patienceSeconds } = await openProvider(subject);
      const { invoice } = await order();
      await during(given(subject, "hangBackend"), provider, async () => {
        for (const call of [
          (signal: AbortSignal) => provider.createInvoice({ ...ORDER, signal }),
          (signal: AbortSignal) => provider.lookupInvoice(invoice, { signal }),
        ]) {
          const caller = new AbortController();
          setTimeout(() => caller.abort(), 20);
          await errorOf(() => call(caller.signal), "There was an answer although the backend hangs.", patienceSeconds);
        }
      });
    },
  },
  {
    name: "rejects a caller who gave up before",
    safety: false,
    async run(subject) {
      const { provider, order, patienceSeconds } = await openProvider(subject);
      const { invoice } = await order();
      const signal = AbortSignal.abort();
      await errorOf(
        () => provider.createInvoice({ ...ORDER, signal }),
        "An invoice was created all the same.",
        patienceSeconds,
      );
      await errorOf(
        () => provider.lookupInvoice(invoice, { signal }),
        "There was an answer all the same.",
        patienceSeconds,
      );
    },
  },
];
