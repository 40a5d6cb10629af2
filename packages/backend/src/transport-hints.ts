import type { Connection } from "./transport-error.ts";

/** The certificate is not trusted. */
const UNTRUSTED = /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_)|SELF_SIGNED/;
/** The other side does not speak TLS, or both sides know no common version. */
const WRONG_PROTOCOL = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL)$/;

interface Help {
  hint: string;
  retryable?: boolean;
}

/**
 * Advice for the runtime's error code of a failed connection. Errors about certificates are not retryable, because
 * waiting does not make a certificate good.
 */
export function hintFor(code: string, { tlsCert, urlName }: Connection): Help | undefined {
  if (/ALTNAME/.test(code)) {
    return final(
      `The server's certificate is for other host names. Use one of those in ${urlName}, or add this host name to the certificate.`,
    );
  }
  if (/HAS_EXPIRED|NOT_YET_VALID/.test(code)) {
    const renew = tlsCert ? "renew the certificate, and update tlsCert if it is set" : "and renew the certificate";
    return final(
      `The server's certificate has expired or is not valid yet, or the clock of this computer is wrong. Check the clock, ${renew}.`,
    );
  }
  if (UNTRUSTED.test(code)) return final(untrusted(tlsCert, urlName));
  // In rare cases, this is a connection that broke later. The advice is the same.
  if (WRONG_PROTOCOL.test(code) || code === "EPROTO") {
    return final(
      `The server does not use TLS on this port. Check the port in ${urlName}, or use http:// if the server is on a private network.`,
    );
  }
  if (/^(ECONNREFUSED|ConnectionRefused)$/.test(code)) {
    return {
      hint: `No program accepts connections on this port. Check the port in ${urlName}, and that the backend is running.`,
    };
  }
  if (code === "ENOTFOUND") {
    return { hint: `This host name does not exist. Check the spelling of the host in ${urlName}.` };
  }
  return undefined;
}

function untrusted(tlsCert: Connection["tlsCert"], urlName: string): string {
  if (tlsCert === "pinned") {
    return `The server's certificate differs from tlsCert. If the server has a new certificate, copy all of it into tlsCert. Otherwise check ${urlName}.`;
  }
  const fix =
    tlsCert === "possible"
      ? "If the server uses its own certificate, pass it in PEM format as tlsCert."
      : `Check ${urlName}. If it is right, somebody may be intercepting the connection.`;
  return `This computer does not trust the server's certificate. ${fix}`;
}

const final = (hint: string): Help => ({ hint, retryable: false });
