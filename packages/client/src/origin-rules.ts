import { clientError } from "@l402/core";

/**
 * Whether a credential may travel there: over TLS, or not beyond this computer.
 *
 * SECURITY: over plain HTTP, whoever is on the way can take the credential (client.hostile.test.ts, "plain HTTP").
 */
export const isSecure = (url: URL, insecureOrigins: readonly string[]): boolean =>
  url.protocol === "https:" || isLoopback(url.hostname) || insecureOrigins.includes(url.origin);

// Not "app.localhost": a name server decides where that is.
const isLoopback = (hostname: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** Refuses to pay where the answer does not come from the origin that was asked, or could be read by others. */
export function checkPayableOrigin(asked: URL, answeredBy: string, insecureOrigins: readonly string[]): void {
  const answering = answeredBy === "" ? asked : new URL(answeredBy);
  if (answering.origin !== asked.origin) {
    throw clientError(
      "INSECURE_ORIGIN",
      `${asked.origin} redirects to ${answering.origin}, which asks for a payment.`,
      { hint: "Ask it directly if you trust it." },
    );
  }
  if (isSecure(asked, insecureOrigins)) return;
  throw clientError("INSECURE_ORIGIN", `${asked.origin} asks for a payment over plain HTTP.`);
}
