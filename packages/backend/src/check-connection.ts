import { checkOption } from "@l402/core";
import { checkBackendUrl, isPrivateHost } from "./backend-url.ts";
import type { BackendOptions } from "./create-backend.ts";

/** Checks the options and returns the checked URL. Throws CONFIG_INVALID. */
export function checkConnection(options: BackendOptions): string {
  const { name, headers = {}, timeoutSeconds = 10, tlsCert, skipTlsVerify = false } = options;
  const url = checkBackendUrl(name, options.url);
  const { hostname, protocol } = new URL(url);
  checkOption(
    typeof timeoutSeconds === "number" && timeoutSeconds > 0 && timeoutSeconds <= 600,
    `${name}: timeoutSeconds`,
    "a number of seconds up to 600",
  );
  checkOption(options.fetch === undefined || typeof options.fetch === "function", `${name}: fetch`, "a function");
  checkOption(canBeSent(headers), `${name}: the key`, "free of line breaks and of what no HTTP header can carry");
  checkOption(
    tlsCert === undefined ||
      (typeof tlsCert === "string" && /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(tlsCert)),
    `${name}: tlsCert`,
    "the text of a certificate in PEM, from -----BEGIN CERTIFICATE----- to its end, and not the path of a file",
  );
  checkOption(typeof skipTlsVerify === "boolean", `${name}: skipTlsVerify`, "true or false");
  // SECURITY: an attacker on the network path could take the key and answer as the backend (pinned-tls.test.ts, "public
  // host").
  checkOption(
    !skipTlsVerify || isPrivateHost(hostname),
    `${name}: skipTlsVerify`,
    "left out for a public host; pin its certificate with tlsCert",
  );
  const isOwn = tlsCert !== undefined || skipTlsVerify;
  checkOption(!(isOwn && protocol === "http:"), `${name}: url`, "https: when tlsCert or skipTlsVerify is set");
  checkOption(!(isOwn && options.fetch), `${name}: fetch`, "left out when tlsCert or skipTlsVerify is set");
  return url;
}

/** True if the headers are valid. With invalid headers, `fetch` would throw an error that shows the key. */
function canBeSent(headers: Record<string, string>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}
