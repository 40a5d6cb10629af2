import { checkOption } from "@l402/core";
import { checkBackendUrl, isPrivateHost } from "./backend-url.ts";
import type { BackendOptions } from "./create-backend.ts";

/** Checks the options and returns the checked URL. Throws CONFIG_INVALID. */
export function checkConnection(options: BackendOptions): string {
  const { name, owner = name, headers = {}, timeoutSeconds = 10, tlsCert, skipTlsVerify = false } = options;
  const url = checkBackendUrl(owner, options.url);
  const { hostname, protocol } = new URL(url);
  checkOption(
    typeof timeoutSeconds === "number" && timeoutSeconds > 0 && timeoutSeconds <= 600,
    `${owner}: timeoutSeconds`,
    "a number of seconds, greater than 0 and at most 600",
  );
  checkOption(options.fetch === undefined || typeof options.fetch === "function", `${owner}: fetch`, "a function");
  checkOption(
    canBeSent(headers),
    `${owner}: the key`,
    "a text without line breaks and without other characters that an HTTP header cannot contain",
  );
  checkOption(
    tlsCert === undefined ||
      (typeof tlsCert === "string" &&
        /-----BEGIN CERTIFICATE-----\s*\n[\s\S]+\n-----END CERTIFICATE-----/.test(tlsCert)),
    `${owner}: tlsCert`,
    "the text of a PEM certificate, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- with its line breaks, and not a file path",
  );
  checkOption(typeof skipTlsVerify === "boolean", `${owner}: skipTlsVerify`, "true or false");
  // SECURITY: an attacker on the network path could take the key and answer as the backend (pinned-tls.test.ts, "public
  // host").
  checkOption(
    !skipTlsVerify || isPrivateHost(hostname),
    `${owner}: skipTlsVerify`,
    "left out, because the host is public; pass the server's certificate as tlsCert instead",
  );
  checkOption(!(tlsCert !== undefined && skipTlsVerify), `${owner}: skipTlsVerify`, "left out if tlsCert is set");
  const isOwn = tlsCert !== undefined || skipTlsVerify;
  checkOption(
    !isOwn || hasOwnConnections(),
    `${owner}: ${skipTlsVerify ? "skipTlsVerify" : "tlsCert"}`,
    "left out, because only Node, Bun and Deno can choose which certificates they trust",
  );
  checkOption(!(isOwn && protocol === "http:"), `${owner}: url`, "an https:// URL if tlsCert or skipTlsVerify is set");
  checkOption(!(isOwn && options.fetch), `${owner}: fetch`, "left out if tlsCert or skipTlsVerify is set");
  return url;
}

/** True if there are connections of `node:https`. Those of Cloudflare Workers do not take a certificate. */
const hasOwnConnections = (): boolean =>
  globalThis.process?.versions?.node !== undefined && globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/** True if the headers are valid. With invalid headers, `fetch` would throw an error that shows the key. */
function canBeSent(headers: Record<string, string>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}
