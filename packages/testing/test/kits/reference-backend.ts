import { L402Error, type L402ErrorCode, type LightningProvider, type LightningWallet } from "@l402/core";
import type { BackendSubject } from "../../src/kits/backend.ts";

export const API_KEY = "sk_live_0123456789";

type Address = { url: string; timeoutSeconds: number };

/** The client of a backend that never works: all that it has to get right are its errors. */
export function referenceProvider(backend: Address): LightningProvider {
  return {
    name: "reference",
    preimageProvesPayment: true,
    createInvoice: () => ask(backend, "no"),
    lookupInvoice: () => ask(backend, "no"),
  };
}

export function referenceWallet(backend: Address): LightningWallet {
  return {
    name: "reference",
    async payInvoice({ timeoutSeconds = 60 }) {
      try {
        return await ask({ ...backend, timeoutSeconds: backend.timeoutSeconds + timeoutSeconds }, "maybe");
      } catch (error) {
        if ((error as L402Error).fundsMoved === "no") throw error;
        return { status: "unknown", reason: (error as L402Error).message };
      }
    },
    lookupPayment: () => ask(backend, "no"),
  };
}

export const referenceBackend = (changes: Partial<BackendSubject> = {}): BackendSubject => ({
  name: "reference",
  provider: referenceProvider,
  wallet: referenceWallet,
  secrets: [API_KEY],
  ...changes,
});

async function ask({ url, timeoutSeconds }: Address, fundsMoved: "no" | "maybe"): Promise<never> {
  const fail = (code: L402ErrorCode, more = {}) => new L402Error(code, undefined, { fundsMoved, ...more });
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const headers = { "x-key": API_KEY };
    const response = await fetch(`${url}/v1/x`, { method: "POST", headers, redirect: "manual", signal });
    const { status } = response;
    if (status === 401 || status === 403) throw fail("PROVIDER_UNAUTHORIZED", { fundsMoved: "no" });
    if (status === 429) throw fail("PROVIDER_RATE_LIMITED", { fundsMoved: "no", retryAfterSeconds: 7 });
    if (status >= 300 && status < 500) throw fail("PROVIDER_REJECTED", { fundsMoved: "no" });
    if (status > 500) throw fail("PROVIDER_UNREACHABLE");
    await response.text();
    throw fail("PROVIDER_BAD_RESPONSE");
  } catch (error) {
    if (error instanceof L402Error) throw error;
    if (signal.aborted) throw fail("PROVIDER_TIMEOUT");
    const { code } = (error as { cause?: { code?: string } }).cause ?? {};
    throw fail("PROVIDER_UNREACHABLE", code === "ECONNREFUSED" && { fundsMoved: "no" });
  }
}
