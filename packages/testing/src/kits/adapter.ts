import type { Paywall, Terms } from "@l402/core";
import { adapterAliasCases } from "./adapter/alias-cases.ts";
import { adapterDisconnectCases } from "./adapter/disconnect-cases.ts";
import { adapterFailureCases } from "./adapter/failure-cases.ts";
import { adapterHttpCases } from "./adapter/http-cases.ts";
import { adapterPageCases } from "./adapter/page-cases.ts";
import { adapterPaymentCases } from "./adapter/payment-cases.ts";
import { adapterRefusalCases } from "./adapter/refusal-cases.ts";
import { type KitCase, type KitSubject, registerKit, type TestRunner } from "./kit.ts";

/** A framework adapter to test, as a black box behind HTTP. */
export interface AdapterSubject extends KitSubject {
  /** Starts a server on a free port of 127.0.0.1 that serves the app through the adapter. Called for every case. */
  start(app: AdapterApp): RunningServer | Promise<RunningServer>;
  /** Starts the same server on HTTP/2 without TLS, if the framework can. */
  startHttp2?(app: AdapterApp): RunningServer | Promise<RunningServer>;
  /**
   * Returns the value to throw for a 400 response. Default: an error with `expose: true` and a
   * `status` and `statusCode` of 400.
   */
  badRequest?(): unknown;
  /** True where the framework does not tell the adapter the address of the client, as with a plain `Request`. */
  hidesAddresses?: boolean;
}

/** The app to serve. */
export interface AdapterApp {
  paywall: Paywall;
  routes: readonly AdapterRoute[];
}

/** A paid route. A GET route also answers HEAD, the way the framework does that. */
export interface AdapterRoute {
  method: "GET" | "POST" | "OPTIONS";
  /** The path, such as `/weather`, or `/city/:name` with a parameter. */
  path: string;
  /** The path at which the sub-app with this route is mounted; "" for a route of the app itself. */
  mount: string;
  /** The terms. Call a function for every request, with that request. */
  terms: Terms | ((request: HeaderReader) => Terms | Promise<Terms>);
  /** Call this at the start of the handler, and carry out the task that it returns. */
  run(): HandlerTask;
}

/** The part of a framework's request that computed terms need here. */
export interface HeaderReader {
  header(name: string): string | undefined;
}

/** The task of a handler for one request. */
export type HandlerTask =
  | { type: "reply"; status: number; body: string }
  /** Throw it, as a handler with a bug would. It may be any value, not only an Error. */
  | { type: "throw"; error: unknown }
  /** Await the body, and reply with it and 200. If it rejects, throw its error. */
  | { type: "wait"; body: Promise<string> }
  /** Reply with the body of the request. */
  | { type: "echo" }
  /** Reply with Content-Type `text/event-stream`, and send each chunk as soon as it comes. */
  | { type: "stream"; chunks: AsyncIterable<string> };

/** A server that was started for a case. */
export interface RunningServer {
  /** Its URL, such as `http://127.0.0.1:40201`. */
  url: string;
  close(): unknown;
}

/** All requirements of the kit for an adapter. */
export const adapterCases: readonly KitCase<AdapterSubject>[] = [
  ...adapterPaymentCases,
  ...adapterRefusalCases,
  ...adapterFailureCases,
  ...adapterDisconnectCases,
  ...adapterHttpCases,
  ...adapterPageCases,
  ...adapterAliasCases,
];

/**
 * Registers the tests that every framework adapter must pass: no handler runs without a payment, and no buyer pays
 * without being served.
 */
export function describeAdapter(runner: TestRunner, subject: AdapterSubject): void {
  registerKit(runner, "framework adapter", adapterCases, subject);
}
