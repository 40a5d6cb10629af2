import { type Answer, type ConnectionOptions, createBackend, readFields } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";
import { blinkError, firstErrorCode } from "./blink-error.ts";

export interface BlinkOptions extends ConnectionOptions {
  /** The API key from dashboard.blink.sv. For selling, the scope RECEIVE is enough; for paying, READ and WRITE. */
  apiKey: string | undefined;
  /** The id of the account's BTC wallet. The dashboard shows it. */
  walletId: string | undefined;
  /** Default `https://api.blink.sv/graphql`. Blink's test network is at `https://api.staging.blink.sv/graphql`. */
  url?: string | undefined;
}

interface BlinkQuestion {
  document: string;
  variables: Record<string, unknown>;
  pays?: boolean;
  paymentSeconds?: number;
  signal?: AbortSignal | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createBlinkBackend(owner: string, options: BlinkOptions) {
  refuseUnknownOptions(owner, options, ["apiKey", "walletId", "url", "timeoutSeconds", "fetch"]);
  const { apiKey, walletId, url = "https://api.blink.sv/graphql", timeoutSeconds, fetch } = options;
  checkOption(
    typeof apiKey === "string" && /^[!-~]{8,}$/.test(apiKey),
    `${owner}: apiKey`,
    "an API key from dashboard.blink.sv, which begins with blink_",
  );
  checkOption(
    typeof walletId === "string" && UUID.test(walletId),
    `${owner}: walletId`,
    "the id of the BTC wallet of the account, which dashboard.blink.sv shows",
  );
  const backend = createBackend({
    name: "Blink",
    owner,
    url,
    headers: { "x-api-key": apiKey },
    timeoutSeconds,
    fetch,
  });

  return {
    walletId,
    /** Sends one request. Throws if there is an error beside the data, even though the HTTP status is 200. */
    async ask({ document, variables, ...question }: BlinkQuestion): Promise<Answer> {
      const answer = await backend.ask({
        method: "POST",
        path: "",
        json: { query: document, variables },
        // Blink refuses a key that it has seen, so an attacker on the network path cannot repeat a payment.
        ...(question.pays && { headers: { "x-idempotency-key": crypto.randomUUID() } }),
        ...question,
      });
      const error = firstErrorCode(readFields("Blink", answer).find("errors"));
      if (error) throw blinkError(error.code, answer.fundsMoved);
      return answer;
    },
  };
}
