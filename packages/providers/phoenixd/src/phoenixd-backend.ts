import { type Answer, type ConnectionOptions, createBackend } from "@l402/backend";
import { checkOption, L402Error, refuseUnknownOptions } from "@l402/core";

export interface PhoenixdOptions extends ConnectionOptions {
  /** The URL of phoenixd. Default `http://127.0.0.1:9740`. */
  url?: string | undefined;
  /** From phoenix.conf. For selling, `http-password-limited-access` is enough; paying needs `http-password`. */
  password: string | undefined;
  /** A certificate in PEM, if a proxy in front of phoenixd uses its own certificate. */
  tlsCert?: string | undefined;
}

export function createPhoenixdBackend(owner: string, options: PhoenixdOptions) {
  refuseUnknownOptions(owner, options, ["url", "password", "tlsCert", "timeoutSeconds", "fetch"]);
  const { url = "http://127.0.0.1:9740", password, tlsCert, timeoutSeconds, fetch } = options;
  checkOption(
    typeof password === "string" && /^[!-~]{8,}$/.test(password),
    `${owner}: password`,
    "a password from ~/.phoenix/phoenix.conf",
  );
  return createBackend({
    name: "phoenixd",
    owner,
    url,
    // The user name is empty.
    headers: { authorization: `Basic ${btoa(`:${password}`)}` },
    tlsCert,
    timeoutSeconds,
    fetch,
  });
}

/** True if phoenixd has no such payment. Its 404 for a wrong path has another text, as have those of other servers. */
export function isNotFound({ status, text }: Answer): boolean {
  if (status !== 404) return false;
  if (text === "Not found") return true;
  throw new L402Error("PROVIDER_BAD_RESPONSE", "phoenixd answered with HTTP 404, but not in the format of phoenixd.", {
    hint: "Check the host and the path of url: another server may have answered.",
  });
}
