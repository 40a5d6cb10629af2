import type { Http2ServerRequest } from "node:http2";
import type { Decision, Gate, Granted, Paywall, PaywallRequest, Reply, TermsFor } from "@l402/core";
import type { Breakage, Handler } from "./reference-server.ts";

type Check = (request: PaywallRequest) => Promise<Decision>;

/** An adapter that asks the paywall wrongly, or does not do what it says. */
const checking = (change: (check: Check, request: PaywallRequest) => Promise<Decision>): Breakage => ({
  paywall: (paywall) => ({
    ...paywall,
    gate: (<Native>(terms: TermsFor<Native>): Gate<Native> => {
      const gate = paywall.gate<Native>(terms);
      return (request, native) => change((changed) => gate(changed, native), request);
    }) as Paywall["gate"],
  }),
});

const withReply = (change: (reply: Reply) => Partial<Reply>) =>
  checking(async (check, request) => {
    const decision = await check(request);
    return decision.outcome === "granted"
      ? decision
      : { ...decision, reply: { ...decision.reply, ...change(decision.reply) } };
  });

const onlyHeaders = (...names: string[]) =>
  withReply(({ headers }) => ({ headers: headers.filter(([name]) => names.includes(name.toLowerCase())) }));

const withGrant = (change: (grant: Granted) => Partial<Granted>) =>
  checking(async (check, request) => {
    const decision = await check(request);
    return decision.outcome === "granted" ? { ...decision, ...change(decision) } : decision;
  });

const granted: Granted = {
  outcome: "granted",
  payment: { paymentHash: "", amountMsat: 0, resource: "" },
  headers: [],
  async finish() {},
};

const letThrough = (isFree: (request: PaywallRequest, decision: Decision) => boolean) =>
  checking(async (check, request) => {
    const decision = await check(request);
    return isFree(request, decision) ? granted : decision;
  });

const status = (decision: Decision) => (decision.outcome === "granted" ? 200 : decision.reply.status);

const handling = (handler: (handler: Handler) => Handler): Breakage => ({ handler });

/** Remembers who has paid, as a session would. */
function rememberingPaywall(paywall: Paywall): Paywall {
  const paid = new Map<unknown, Granted>();
  const { paywall: change = (unchanged) => unchanged } = checking(async (check, request) => {
    const key = String(request.header("authorization"));
    const decision = paid.get(key) ?? (await check(request));
    if (decision.outcome === "granted") paid.set(key, decision);
    return decision;
  });
  return change(paywall);
}

/** Takes every answer that did not arrive whole for a failure. */
function releasingForWhoLeaves(): Breakage {
  let last: Granted | undefined;
  return {
    ...withGrant((grant) => {
      last = grant;
      return {};
    }),
    ...handling((handler) => async (request, response) => {
      response.prependOnceListener("close", () => response.writableFinished || last?.finish("unserved"));
      await handler(request, response);
    }),
  };
}

/** Says that a client has left only when its handler has ended. */
function sayingLateWhoLeaves(): Breakage {
  let running: Promise<unknown> | undefined;
  return {
    ...withGrant(({ finish }) => ({ finish: (end) => Promise.resolve(running).then(() => finish(end)) })),
    ...handling((handler) => async (request, response) => {
      running = Promise.allSettled([handler(request, response)]);
      await running;
    }),
  };
}

const takingWhoLeavesForUnserved = withGrant(({ finish }) => ({
  finish: (end) => finish(end === "left" ? "unserved" : end),
}));

const HTTP2_CASE = "treats clients that leave over HTTP/2 like those that leave over HTTP/1";

const isConnectionClosed = ({ socket, stream }: Partial<Http2ServerRequest>) =>
  Boolean(stream ? stream.session?.destroyed : socket?.destroyed);

/** What can be wrong with an adapter, and the case that has to notice it. */
export const BROKEN_ADAPTERS: readonly [what: string, failingCase: string, breakage: Breakage][] = [
  [
    "lets everybody in",
    "answers 402 with both challenges to a request that has not paid, and does not run the handler",
    letThrough(() => true),
  ],
  [
    "keeps one line of each header",
    "answers 402 with both challenges to a request that has not paid, and does not run the handler",
    withReply(({ headers }) => ({ headers: [...new Map(headers)] })),
  ],
  [
    "runs the handler twice",
    "runs the handler once for a request that paid, and passes its response on",
    handling((handler) => async (request, response) => {
      const nowhere = { writeHead: () => nowhere, write: () => true };
      await handler(request, nowhere as never);
      await handler(request, response);
    }),
  ],
  [
    "reads the body itself",
    "hands the body of a paid request to the handler, byte for byte",
    handling((handler) => async (request, response) => {
      for await (const _ of request);
      await handler(request, response);
    }),
  ],
  [
    "remembers who has paid",
    "serves exactly as many requests as were bought, also at once",
    { paywall: rememberingPaywall },
  ],
  ["remembers who has paid", "refuses a token that was used up, with a new invoice", { paywall: rememberingPaywall }],
  [
    "joins header lines its own way",
    "accepts one credential in two header lines, as LSAT and as L402",
    checking((check, request) =>
      check({ ...request, header: (name) => [request.header(name) ?? []].flat().join(" ") }),
    ),
  ],
  [
    "takes the first of several header lines",
    "refuses two credentials that differ",
    checking((check, request) => check({ ...request, header: (name) => [request.header(name) ?? []].flat()[0] })),
  ],
  [
    "asks for the price once",
    "asks computed terms about every request, and holds the price of this one against what was paid",
    {
      paywall: (paywall) => ({
        ...paywall,
        gate: (<Native>(terms: TermsFor<Native>): Gate<Native> => {
          let first: ReturnType<Extract<TermsFor<Native>, (native: Native) => unknown>>;
          return paywall.gate<Native>(typeof terms === "function" ? (native) => (first ??= terms(native)) : terms);
        }) as Paywall["gate"],
      }),
    },
  ],
  [
    "runs the handler where a page has answered",
    "sends what the paywall's page answers, with every cookie, and does not run the handler",
    letThrough((_, { outcome }) => outcome === "answered"),
  ],
  [
    "sets one cookie",
    "sends what the paywall's page answers, with every cookie, and does not run the handler",
    withReply(({ headers }) => ({ headers: [...new Map(headers)] })),
  ],
  [
    "sets one cookie",
    "sets the cookies that the paywall's page adds to what was paid for",
    withGrant(({ headers }) => ({ headers: [...new Map(headers)] })),
  ],
  [
    "answers every refusal with 402",
    "refuses a forged credential with 401 and without an invoice",
    withReply(() => ({ status: 402 })),
  ],
  [
    "tells the path below its mount point",
    "refuses a token of another path or another method",
    checking((check, request) => check({ ...request, path: "/" })),
  ],
  [
    "tells the query as part of the resource",
    "refuses a token of another path or another method",
    checking((check, request) => check({ ...request, path: request.path.replace("?", "/") })),
  ],
  [
    "takes HEAD for GET",
    "gates HEAD like GET, and creates no invoice for it",
    checking((check, request) => check({ ...request, method: "GET" })),
  ],
  [
    "does not tell clients apart",
    "tells clients apart by their addresses, and answers 429 with Retry-After to who asks for too many invoices",
    checking((check, { clientKey: _, ...request }) => check(request)),
  ],
  [
    "tells all clients as one",
    "tells clients apart by their addresses, and answers 429 with Retry-After to who asks for too many invoices",
    checking((check, request) => check({ ...request, clientKey: () => "somebody" })),
  ],
  ["lets every OPTIONS through", "gates a plain OPTIONS request", letThrough(({ method }) => method === "OPTIONS")],
  [
    "never says how a request ended",
    "gives the use back, once, when the handler throws",
    withGrant(() => ({ async finish() {} })),
  ],
  [
    "releases only when the handler throws",
    "gives the use back, once, when the handler answers with 500 or more",
    handling((handler) => async (request, response) => {
      await handler(request, response);
      // Behind the adapter's back, so that it cannot see the status.
      if (response.statusCode >= 500) Object.defineProperty(response, "statusCode", { value: 200 });
    }),
  ],
  [
    "releases after every failure, also the buyer's",
    "keeps the use when the handler answers with less than 500",
    handling((handler) => async (request, response) => {
      await handler(request, response);
      if (response.statusCode >= 400) Object.defineProperty(response, "statusCode", { value: 500 });
    }),
  ],
  [
    "does not wait for the paywall",
    "runs no handler for a client that has not paid and leaves before the paywall has answered",
    checking(async (check, request) => {
      check(request);
      return granted;
    }),
  ],
  [
    "does not say that a client has left",
    "makes no invoice for a client that has left before its price is known",
    checking((check, { hasLeft: _, ...request }) => check(request)),
  ],
  [
    "lets in when terms refuse",
    "leaves a request that its terms refuse to the framework, and sells nothing, takes no use and alarms nobody",
    checking((check, request) => check(request).catch(() => granted)),
  ],
  [
    "never says how a request ended",
    "runs no handler for a client that has paid and leaves before the paywall has answered, and gives the use back",
    withGrant(() => ({ async finish() {} })),
  ],
  [
    "says that the client left while the handler ran, where no handler ran",
    "runs no handler for a client that has paid and leaves before the paywall has answered, and gives the use back",
    withGrant(({ finish }) => ({ finish: (end) => finish(end === "unserved" ? "left" : end) })),
  ],
  [
    "never says how a request ended",
    "gives the use back, once, when the client of a GET leaves before the first byte",
    withGrant(() => ({ async finish() {} })),
  ],
  [
    "says that a client has left only when its handler has ended",
    "serves the client of a GET that left and asks again, while its first handler still works",
    sayingLateWhoLeaves(),
  ],
  [
    "takes everybody who leaves for unserved",
    "keeps the use when the client of a POST leaves, however its handler ends",
    takingWhoLeavesForUnserved,
  ],
  [
    "takes every answer that did not arrive whole for a failure",
    "keeps the use when the client leaves behind the first byte",
    releasingForWhoLeaves(),
  ],
  [
    "asks whether the connection is closed, and not the request",
    HTTP2_CASE,
    {
      paywall: (paywall) => ({
        ...paywall,
        gate: (<Native>(terms: TermsFor<Native>): Gate<Native> => {
          const gate = paywall.gate<Native>(terms);
          return (request, native) => gate({ ...request, hasLeft: () => isConnectionClosed(native as never) }, native);
        }) as Paywall["gate"],
      }),
    },
  ],
  ["never says how a request ended", HTTP2_CASE, withGrant(() => ({ async finish() {} }))],
  ["takes everybody who leaves for unserved", HTTP2_CASE, takingWhoLeavesForUnserved],
  [
    "lets in when terms throw",
    "answers 500 when terms throw or make no sense, grants nothing and creates no invoice",
    letThrough((_, decision) => status(decision) === 500),
  ],
  [
    "hides the refusal behind an empty 500",
    "answers 500 when terms throw or make no sense, grants nothing and creates no invoice",
    withReply(() => ({ headers: [], body: "" })),
  ],
  [
    "drops Retry-After",
    "answers 503 with Retry-After while the Lightning node is down, and still serves who has paid",
    onlyHeaders("www-authenticate", "content-type"),
  ],
  [
    "lets in while the store is down",
    "answers 503 with Retry-After while the use store is down, and takes the token again when it is back",
    letThrough((_, decision) => status(decision) === 503),
  ],
  [
    "sends the headers that it knows",
    "keeps every refusal out of caches, and readable for pages of other origins",
    onlyHeaders("www-authenticate", "content-type", "retry-after"),
  ],
  [
    "ignores the headers of a grant",
    "keeps what was paid for out of shared caches",
    withGrant(() => ({ headers: [] })),
  ],
  [
    "takes everything for granted that was not denied",
    "neither gates nor charges a CORS preflight, and does not run the handler",
    letThrough((_, { outcome }) => outcome === "preflight"),
  ],
  [
    "buffers responses",
    "sends the first chunk of a stream before the handler has ended",
    handling((handler) => async (request, response) => {
      const chunks: unknown[] = [];
      const buffered = { writeHead: () => buffered, write: (chunk: unknown) => chunks.push(chunk) };
      await handler(request, buffered as never);
      for (const chunk of chunks) response.write(chunk);
    }),
  ],
  [
    "compares paths itself, and lets in what it does not know",
    "runs no handler for a request that has not paid, however it spells its target, method and host",
    letThrough(({ path }) => path !== "/a" && path.startsWith("/a?")),
  ],
  [
    "sells one spelling and delivers another",
    "serves whoever paid for a spelling of a path, under that spelling",
    checking((check, request) =>
      check(request.header("authorization") ? { ...request, path: `${request.path}/` } : request),
    ),
  ],
  [
    "names every path alike",
    "opens no other route with a token, however the other route's path is spelled",
    checking((check, request) => check({ ...request, path: "/" })),
  ],
];
