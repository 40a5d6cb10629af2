import { randomUUID } from "node:crypto";
import type { ApiOptions } from "../../src/http/api-context.ts";
import { createApi } from "../../src/http/create-api.ts";
import { type Listening, listen } from "../../src/http/listen.ts";
import { createRequestMetrics } from "../../src/http/request-metrics.ts";
import type { ServiceOptions } from "../../src/settings.ts";
import { openWorld, type World } from "../world.ts";
import { checkAgainstDocument } from "./check-against-document.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, the document says.
  body: any;
  text: string;
}

export interface Ask {
  method?: string;
  key?: string;
  json?: unknown;
  /** In place of `json`. */
  body?: RequestInit["body"];
  headers?: Record<string, string>;
}

/** The service over HTTP. Every answer is compared with the OpenAPI document. */
export interface Served extends World {
  url: string;
  errors: Error[];
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** A merchant by HTTP. */
  signUp(user?: string, mode?: string): Promise<{ merchantId: string; apiKey: string; ownerKey: string }>;
  /** Sells something: an invoice, paid and noticed. */
  earn(apiKey: string, amountMsat: number): Promise<string>;
}

let users = 0;

export async function serve(
  options: Partial<ServiceOptions> & { feeMsat?: number } = {},
  apiOptions: ApiOptions = {},
): Promise<Served> {
  const world = await openWorld({ requestsPerSecond: 1_000, ...options });
  const errors: Error[] = [];
  const api = createApi(
    world.service,
    { onError: (error) => errors.push(error), ...apiOptions },
    createRequestMetrics(),
  );
  const listening: Listening = await listen(api.fetch, "127.0.0.1", 0);

  async function ask(path: string, { method, key, json, body, headers = {} }: Ask = {}): Promise<Answer> {
    const sent = json === undefined ? body : JSON.stringify(json);
    const used = method ?? (sent === undefined ? "GET" : "POST");
    const response = await fetch(`${listening.url}${path}`, {
      method: used,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
      redirect: "manual",
      ...(sent !== undefined && { body: sent, duplex: "half" }),
    } as RequestInit);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const answer = { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text, text };
    checkAgainstDocument(used, new URL(response.url).pathname, answer);
    return answer;
  }

  return {
    ...world,
    ...{ url: listening.url, errors, ask },
    async signUp(user = `merchant-${++users}`, mode) {
      const json = { lightningAddress: world.payees.address(user), ...(mode && { mode }) };
      const { status, body } = await ask("/v1/merchants", { json });
      if (status !== 201) throw new Error(`not registered: ${JSON.stringify(body)}`);
      return body;
    },
    async earn(apiKey, amountMsat) {
      const { body } = await ask("/v1/invoices", { key: apiKey, json: { amountMsat } });
      world.node.settle(body.paymentHash);
      const paid = await ask(`/v1/invoices/${body.paymentHash}`, { key: apiKey });
      if (paid.body.status !== "settled") throw new Error(`not settled: ${paid.text}`);
      return body.paymentHash;
    },
    async close() {
      await listening.close();
      await world.close();
    },
  };
}

export const newKey = () => randomUUID();
