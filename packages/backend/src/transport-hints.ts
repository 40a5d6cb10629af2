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
export function hintFor(code: string, { tlsCert }: Connection): Help | undefined {
  if (/ALTNAME/.test(code)) {
    return final(
      "The certificate is for other host names. Use one of those in url, or add this host to the certificate.",
    );
  }
  if (/HAS_EXPIRED|NOT_YET_VALID/.test(code)) {
    return final("The certificate is out of date, or this computer's clock is wrong. Renew it, and copy it again.");
  }
  if (UNTRUSTED.test(code)) return final(tlsCert ? UNTRUSTED_HINTS[tlsCert] : UNTRUSTED_HINT);
  // In rare cases, this is a connection that broke later. The advice is the same.
  if (WRONG_PROTOCOL.test(code) || code === "EPROTO") {
    return final("This port does not speak TLS. Check the port, or use http: on a private network.");
  }
  if (/^(ECONNREFUSED|ConnectionRefused)$/.test(code)) {
    return { hint: "Nothing listens there. Check the port, and that the backend runs." };
  }
  if (code === "ENOTFOUND") return { hint: "There is no such host. Check the spelling of url." };
  return undefined;
}

const UNTRUSTED_HINT = "The certificate is not signed by anyone known here, or somebody is in between. Check url.";
const UNTRUSTED_HINTS = {
  possible: "The certificate is not signed by anyone known here. Pass the backend's own, in PEM, as tlsCert.",
  pinned: "The backend shows another certificate than tlsCert, perhaps a new one. Copy it again, whole, or check url.",
};

const final = (hint: string): Help => ({ hint, retryable: false });
