import { clientError } from "@l402/core";

/**
 * Whether a credential may be sent to an address: over TLS, on this computer, or to an origin that the user allows.
 *
 * SECURITY: over plain HTTP, an attacker on the network path can steal the credential (client.hostile.test.ts, "plain
 * HTTP").
 */
export const isSecure = (url: URL, insecureOrigins: readonly string[]): boolean =>
  url.protocol === "https:" || isLoopback(url.hostname) || insecureOrigins.includes(url.origin);

// "app.localhost" is not included, because a name server decides where it leads.
const isLoopback = (hostname: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** Refuses to pay if the answer is from another origin than the one asked, or came over an insecure connection. */
export function checkPayableOrigin(asked: URL, answeredBy: string, insecureOrigins: readonly string[]): void {
  const answering = answeredBy === "" ? asked : new URL(answeredBy);
  if (answering.origin !== asked.origin) {
    throw clientError(
      "INSECURE_ORIGIN",
      `${asked.origin} redirects to ${answering.origin}, which asks for a payment.`,
      { hint: `This request paid nothing. If you trust ${answering.origin}, request it directly.` },
    );
  }
  if (isSecure(asked, insecureOrigins)) return;
  throw clientError("INSECURE_ORIGIN", `${asked.origin} asks for a payment over plain HTTP.`);
}
