import { type Fetch, type FundsMoved, isL402Error, L402Error, type L402ErrorCode } from "@l402/core";
import { checkConnection } from "./check-connection.ts";
import { watchSending } from "./never-sent.ts";
import { pinnedFetch } from "./pinned-fetch.ts";
import { readText } from "./read-text.ts";
import { statusError } from "./status-error.ts";
import { type Connection, transportError } from "./transport-error.ts";
import { withinTime } from "./within-time.ts";

/** The connection options that every provider offers to its users. */
export interface ConnectionOptions {
  /** How long one call may take, without the time of the payment itself. Default 10. */
  timeoutSeconds?: number | undefined;
  /** Default: the global `fetch`. With any other, a payment that fails without an answer never counts as not sent. */
  fetch?: Fetch | undefined;
}

export interface BackendOptions extends ConnectionOptions {
  /** The name for messages, such as "LND". */
  name: string;
  /** The factory that takes these options, such as "createLnd", for messages about options. Default: `name`. */
  owner?: string;
  url: string | undefined;
  /** What hints call the option from which the URL comes. Default "url". */
  urlName?: string;
  /** Headers for every request; usually the key. */
  headers?: Record<string, string>;
  /**
   * A certificate in PEM. Only this certificate, or certificates that it issued, are trusted. For Node, Bun and Deno.
   */
  tlsCert?: string | undefined;
  /** Trusts any certificate; only for private hosts. */
  skipTlsVerify?: boolean | undefined;
  /** Explains an answer that is not a 2xx, if its status alone does not say enough. */
  explain?(answer: Answer): Refusal | undefined;
}

export interface Refusal {
  code: L402ErrorCode;
  /** Advice for the reader of the error. Default: the advice of the code. */
  hint?: string;
  /** For a payment: whether it is certain that no money was sent. Default: by HTTP status. */
  certain?: boolean;
}

export interface Question {
  method?: "GET" | "POST" | "PATCH";
  path: string;
  query?: Record<string, string>;
  json?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** Answers to accept besides 2xx: by status, or by a function that recognises them. */
  accept?: readonly number[] | ((answer: Answer) => boolean);
  /** Takes the first line as the whole answer: for streams of JSON lines, which may stay open for long. */
  firstLine?: boolean;
  /** Whether this request can move money. If so, its errors say "maybe", unless it is certain that no money moved. */
  pays?: boolean;
  signal?: AbortSignal | undefined;
  /** The time that the backend may take for the payment itself, before it answers. It is added to `timeoutSeconds`. */
  paymentSeconds?: number;
}

export interface Answer {
  status: number;
  text: string;
  /** The text parsed as JSON; `undefined` if it is not JSON. */
  body: unknown;
  /** The `fundsMoved` of an error about this answer. */
  fundsMoved: FundsMoved;
}

export type Backend = ReturnType<typeof createBackend>;

/**
 * An HTTP client for a Lightning backend: limits time and size, follows no redirect, and fails only with `L402Error`.
 */
export function createBackend(options: BackendOptions) {
  const { name, headers = {}, timeoutSeconds = 10, tlsCert, skipTlsVerify, explain } = options;
  const url = checkConnection(options);
  const { host } = new URL(url);
  const isOwn = tlsCert !== undefined || skipTlsVerify === true;
  const send = isOwn ? pinnedFetch({ ca: tlsCert, insecure: skipTlsVerify === true }) : options.fetch;
  const connection: Connection = {
    backend: name,
    host,
    urlName: options.urlName ?? "url",
    tlsCert: tlsCert !== undefined ? "pinned" : "tlsCert" in options ? "possible" : undefined,
    isForeign: options.fetch !== undefined,
  };

  const addressOf = ({ path, query }: Question) => `${url}${path}${query ? `?${new URLSearchParams(query)}` : ""}`;

  async function exchange(question: Question, fundsMoved: FundsMoved, signal: AbortSignal): Promise<Answer> {
    const { method = "GET", json, form, accept = [], firstLine = false } = question;
    const response = await (send ?? globalThis.fetch)(addressOf(question), {
      method,
      headers: {
        accept: "application/json",
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers,
        ...question.headers,
      },
      body: json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form) : null,
      redirect: "manual",
      signal,
    });
    const text = await readText(response, { backend: name, fundsMoved, firstLine });
    const answer: Answer = { status: response.status, text, body: parse(text), fundsMoved };
    const isAnswer = typeof accept === "function" ? accept(answer) : accept.includes(response.status);
    if (response.ok || isAnswer) return answer;
    const retryAfter = response.headers.get("retry-after");
    // A redirect that a browser hides has status 0.
    throw statusError(name, response.status || 302, { ...explain?.(answer), text, retryAfter, fundsMoved });
  }

  return {
    name,
    /**
     * Sends one request and returns any 2xx answer. Every failure is a `PROVIDER_…` error with a truthful `fundsMoved`.
     */
    async ask(question: Question): Promise<Answer> {
      const { signal: caller, paymentSeconds = 0, pays = false } = question;
      const seconds = timeoutSeconds + paymentSeconds;
      if (caller?.aborted)
        throw new L402Error(
          "PROVIDER_TIMEOUT",
          `${name} was not asked, because the caller aborted the request before.`,
        );
      const fundsMoved = pays ? "maybe" : "no";
      const late = (why: "caller" | "clock") =>
        new L402Error(
          "PROVIDER_TIMEOUT",
          why === "caller"
            ? `${name} had not answered when the caller aborted the request.`
            : `${name} at ${host} did not answer within ${seconds} s.`,
          { fundsMoved },
        );
      const sending = pays && !send ? watchSending(addressOf(question)) : undefined;
      try {
        return await withinTime({ seconds, caller, late }, (signal) => exchange(question, fundsMoved, signal));
      } catch (error) {
        throw isL402Error(error) ? error : transportError(connection, error, fundsMoved, sending);
      } finally {
        sending?.stop();
      }
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
