import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { networkReason } from "../report-failure.ts";
import { clockFinding } from "./clock-finding.ts";
import { type Finding, ok, problem } from "./finding.ts";

const PATIENCE_MS = 10_000;

/** Checks whether a server can be reached from here, and its clock. */
export async function checkServer(url: URL, io: Io): Promise<Finding[]> {
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const response = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    // A cached answer has the date of its creation, so its age is added.
    const age = Number(response.headers.get("age")) * 1000 || 0;
    const date = Date.parse(response.headers.get("date") ?? "") + age;
    return [
      ok(`${url.origin} answers with HTTP ${response.status}.`),
      ...plainHttp(url, response.headers.get("location") ?? ""),
      ...(Number.isNaN(date) ? [] : [clockFinding((date - Date.now()) / 1000, url.host)]),
    ];
  } catch (error) {
    const fix = FIXES[causeOf(error)] ?? "Check the URL and your internet connection.";
    return [problem("SERVER_UNREACHABLE", networkReason(error), fix, EXIT.network)];
  }
}

/** Buyers pay over plain HTTP only on their own computer, or where a redirect leads to TLS. */
function plainHttp({ protocol, hostname, origin }: URL, location: string): Finding[] {
  const isPayable = protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (isPayable || /^https:/i.test(location)) return [];
  return [
    problem(
      "PLAIN_HTTP",
      `Buyers do not pay ${origin}, because anybody on the way could take the proof of payment.`,
      "Serve it over https. If a proxy does so already, give buyers the address of the proxy.",
      EXIT.usage,
    ),
  ];
}

const causeOf = (error: unknown) => String((error as { cause?: { code?: unknown } })?.cause?.code);

const OWN_CA =
  "If this is your server, use a publicly trusted certificate for it, or trust its issuer with NODE_EXTRA_CA_CERTS=ca.pem.";
const FIXES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "The operator must renew the server's certificate. If it is not expired, check the clock of this computer.",
  DEPTH_ZERO_SELF_SIGNED_CERT: OWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: OWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OWN_CA,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "Use a host name that the certificate contains, or get a certificate for this host name.",
};
