import { type Challenge, parseChallenges } from "@l402/core";
import { plainText } from "../plain-text.ts";
import { serviceOf } from "./service-of.ts";

/** What a seller says with a 402. The client trusts only the invoices, after a check. */
export interface Answer402 {
  challenges: Challenge[];
  /** "LSAT" if the seller does not know the name L402. */
  scheme: "LSAT" | undefined;
  resource: string | undefined;
  uses: number | "unlimited" | undefined;
  validForSeconds: number | undefined;
  /** Why the seller refused a credential, if it says so. */
  code: string | undefined;
  /** True if a JSON body did not arrive whole. What the seller says is unknown then. */
  isUnread: boolean;
}

const MAX_BODY_BYTES = 65_536;
const BODY_TIMEOUT_MS = 5_000;

/** Reads a 402 without consuming it. Older servers write the challenge into the body only. */
export async function read402(response: Response): Promise<Answer402> {
  const header = response.headers.get("www-authenticate") ?? "";
  const challenges = parseChallenges(header);
  const scheme = challenges[0] && !/L402\W/i.test(header) ? "LSAT" : undefined;
  const isJson = /\bjson\b/i.test(response.headers.get("content-type") ?? "");
  const json = isJson ? await readJson(response.clone()) : {};
  const body = json ?? {};
  if (challenges.length === 0) {
    const token = textOf(body.token) ?? textOf(body.macaroon);
    const invoice = textOf(body.invoice) ?? textOf(body.payment_request) ?? textOf(body.paymentRequest);
    if (token && invoice) challenges.push({ token, invoice });
  }
  const { uses } = body;
  // SECURITY: half of an answer does not tell what a seller with JSON calls its goods, and neither does the token
  // (client.refusal.test.ts, "cut off").
  const named = textOf(body.resource) ?? (json && serviceOf(challenges[0]?.token));
  return {
    challenges,
    scheme,
    resource: plainText(named ?? "", 1024) || undefined,
    uses: uses === "unlimited" ? uses : countOf(uses),
    validForSeconds: countOf(body.validForSeconds),
    code: textOf(body.code),
    isUnread: json === undefined,
  };
}

/** The time to wait before the credential is sent again, because some sellers notice a payment a moment later. */
export function retryAfterMs({ headers }: Response): number | undefined {
  const after = headers.get("retry-after") ?? "none";
  // A date is by the seller's clock, which may be wrong, as the one in `date` is.
  const untilMs = Date.parse(after) - Date.parse(headers.get("date") ?? "");
  const seconds = Number.isNaN(+after) ? untilMs / 1000 : +after;
  return seconds >= 0 && seconds <= 10 ? Math.max(seconds, 0.2) * 1000 : undefined;
}

async function readJson(response: Response): Promise<Record<string, unknown> | undefined> {
  const reader = response.body?.getReader();
  if (!reader) return undefined;
  const timer = setTimeout(() => reader.cancel().catch(() => {}), BODY_TIMEOUT_MS);
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > MAX_BODY_BYTES) return undefined;
      text += decoder.decode(value, { stream: true });
    }
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const countOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
