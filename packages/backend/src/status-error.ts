import { type FundsMoved, L402Error, type L402ErrorCode } from "@l402/core";

interface Details {
  code?: L402ErrorCode;
  hint?: string;
  certain?: boolean;
  /** What the backend answered; it is not shown. */
  text: string;
  retryAfter: string | null;
  fundsMoved: FundsMoved;
}

/** The error for an unexpected HTTP status. It leaves out the backend's own words, which may hold a secret. */
export function statusError(backend: string, status: number, details: Details): L402Error {
  const { code = codeFor(status), hint = details.code ? undefined : hintFor(status, details.text) } = details;
  const seconds = Number(details.retryAfter || Number.NaN);
  // A refusal (3xx or 4xx) comes before the backend does any work. A fault (5xx or 408) may come after it, and so may
  // 499, which LND's gateway makes of a call that ended in the middle. A conflict (409) refers to earlier work.
  const refused = details.certain ?? (status < 499 && status !== 408 && status !== 409);
  return new L402Error(
    code,
    `${backend} answered with HTTP ${status}${status < 400 ? ", a redirect, which is not followed" : ""}.`,
    {
      fundsMoved: refused ? "no" : details.fundsMoved,
      // The code from `explain` says more than the HTTP status.
      ...(!details.code && { retryable: status >= 500 || status === 429 || status === 408 }),
      ...(hint !== undefined && { hint }),
      ...(seconds >= 0 && seconds <= 86_400 && { retryAfterSeconds: Math.ceil(seconds) }),
    },
  );
}

/** What servers written in Go, and nginx, answer to plain HTTP on a port for TLS. */
const NEEDS_TLS = /HTTP request (was sent )?to (an )?HTTPS/;

const hintFor = (status: number, text: string): string | undefined =>
  NEEDS_TLS.test(text) ? "Begin url with https://, because the server uses TLS on this port." : HINTS[status];

const REDIRECTED = "Set url to the address of the redirect, if you trust it.";
const NOT_THERE = "Check the host and the path of url, and the version of the backend.";
const HINTS: Record<number, string> = {
  301: REDIRECTED,
  302: REDIRECTED,
  303: REDIRECTED,
  307: REDIRECTED,
  308: REDIRECTED,
  404: NOT_THERE,
  405: NOT_THERE,
};

function codeFor(status: number): L402ErrorCode {
  if (status === 401 || status === 403) return "PROVIDER_UNAUTHORIZED";
  if (status === 429) return "PROVIDER_RATE_LIMITED";
  if (status === 408 || status === 504) return "PROVIDER_TIMEOUT";
  if (status === 404 || status === 405 || status < 400) return "PROVIDER_BAD_RESPONSE";
  if (status < 500) return "PROVIDER_REJECTED";
  return status === 502 || status === 503 ? "PROVIDER_UNREACHABLE" : "PROVIDER_BAD_RESPONSE";
}
