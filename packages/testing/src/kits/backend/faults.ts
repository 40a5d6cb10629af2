import type { ServerResponse } from "node:http";

export interface BackendFault {
  /** The end of the case's name, after "… when the backend". */
  name: string;
  /** Answers a request. `sent` is the whole request: its target, its headers including the key, and its body. */
  answer(response: ServerResponse, sent: string): void;
  /** True if no server listens at all. */
  closed?: boolean;
  codes: readonly string[];
  retryable?: boolean;
  retryAfterSeconds?: number;
  /** Whether it is certain that a payment was not sent. */
  certain?: boolean;
  /** True if only a time limit ends the call. */
  isSlow?: boolean;
}

const HTML = "<!doctype html><title>Something else</title><p>An error page of a proxy.";

const status =
  (code: number, body = HTML, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, { "content-type": "text/html", ...headers }).end(body);

/** Stands for secret words of a backend, such as a preimage. */
export const BACKENDS_WORDS = "d0decaf".repeat(10).slice(0, 64);

/** Repeats the request in every field in which a backend may put an explanation. */
const repeating = (code: number) => (response: ServerResponse, sent: string) => {
  const words = `${BACKENDS_WORDS} ${sent}`;
  const named = { message: words, detail: words, reason: words, details: [words], preimage: BACKENDS_WORDS };
  const body = { ...named, success: false, error: { code: 2, ...named }, errors: [named], data: null };
  response.writeHead(code, { "content-type": "application/json", "x-words": BACKENDS_WORDS }).end(JSON.stringify(body));
};

const json = (text: string) => (response: ServerResponse) =>
  void response.writeHead(200, { "content-type": "application/json" }).end(text);

const REFUSED = { codes: ["PROVIDER_UNAUTHORIZED"], retryable: false, certain: true };
const NOT_THERE = { codes: ["PROVIDER_BAD_RESPONSE", "PROVIDER_REJECTED"], certain: true };
const BAD = { codes: ["PROVIDER_BAD_RESPONSE"] };
const ANY = {
  codes: ["PROVIDER_BAD_RESPONSE", "PROVIDER_REJECTED", "PROVIDER_UNAUTHORIZED", "PROVIDER_UNREACHABLE"],
};
const LATE = { codes: ["PROVIDER_TIMEOUT"], retryable: true, isSlow: true };
const DOWN = { codes: ["PROVIDER_UNREACHABLE"], retryable: true };

/** The faults: answers of proxies, wrong ports and other programs in place of the backend, and no answer at all. */
export const faults: readonly BackendFault[] = [
  { name: "answers 401", answer: status(401), ...REFUSED },
  { name: "answers 403", answer: status(403), ...REFUSED },
  { name: "answers 404 with a web page", answer: status(404), ...NOT_THERE },
  { name: "answers 405", answer: status(405), ...NOT_THERE },
  {
    name: "answers 429 and when to come back",
    answer: status(429, HTML, { "retry-after": "7" }),
    codes: ["PROVIDER_RATE_LIMITED"],
    retryable: true,
    retryAfterSeconds: 7,
    certain: true,
  },
  { name: "answers 500", answer: status(500), ...BAD, retryable: true },
  { name: "answers 502", answer: status(502), ...DOWN },
  { name: "answers 503", answer: status(503), ...DOWN },
  { name: "redirects", answer: status(302, "", { location: "/elsewhere" }), ...NOT_THERE },
  { name: "answers 200 with a web page", answer: status(200), ...BAD },
  { name: "answers 200 with nothing", answer: status(200, ""), ...BAD },
  { name: "answers with an empty object", answer: json("{}"), ...BAD },
  { name: "answers with a list", answer: json("[]"), ...BAD },
  { name: "answers with null", answer: json("null"), ...BAD },
  { name: "answers with half of a JSON text", answer: json('{"result":{"status":"SUCCEEDED","paymen'), ...BAD },
  { name: "answers 200 and repeats what it was sent", answer: repeating(200), ...ANY },
  { name: "answers 400 and repeats what it was sent", answer: repeating(400), ...ANY, certain: true },
  { name: "answers 500 and repeats what it was sent", answer: repeating(500), ...ANY },
  {
    name: "breaks off in the middle",
    answer(response) {
      response.writeHead(200, { "content-length": "1000" }).write('{"half":', () => response.destroy());
    },
    ...DOWN,
  },
  { name: "hangs up without a word", answer: (response) => void response.destroy(), ...DOWN },
  { name: "sends megabytes", answer: json(`{"filler":"${"x".repeat(3_000_000)}"}`), ...BAD },
  { name: "never answers", answer: () => {}, ...LATE },
  {
    name: "begins to answer and never ends",
    answer: (response) => void response.writeHead(200).write('{"half":'),
    ...LATE,
  },
  { name: "is not running", answer: () => {}, closed: true, ...DOWN, certain: true },
];
