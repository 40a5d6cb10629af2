import type { LightningProvider } from "../interfaces/lightning-provider.ts";
import type { PaywallSettings } from "./options.ts";
import { askWithinSeconds } from "./time-limit.ts";

/** Calls the provider and waits for its answer, for at most `providerTimeoutSeconds`. */
export function askProvider<Result>(
  { provider, providerTimeoutSeconds }: PaywallSettings,
  call: (provider: LightningProvider, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return askWithinSeconds(providerTimeoutSeconds, (signal) => call(provider, signal()), {
    what: `Provider "${provider.name}"`,
    code: "PROVIDER_UNREACHABLE",
    timeoutCode: "PROVIDER_TIMEOUT",
  });
}
