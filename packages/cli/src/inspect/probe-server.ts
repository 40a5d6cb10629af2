import { randomUUID } from "node:crypto";
import type { Io } from "../io.ts";
import type { Arguments } from "../read-arguments.ts";
import { type Check, ok, problem, warning } from "./check.ts";

type Ask = (address: URL, method: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;

/** Repeats the request like someone who tries not to pay, and like a page of another site. Pays nothing. */
export async function probeServer(url: URL, request: Arguments["request"], token: string, io: Io): Promise<Check[]> {
  const ask: Ask = async (address, method, more = {}) => {
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    const body = method === "OPTIONS" ? undefined : request.body;
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(10_000)]);
    const response = await fetch(address, { method, headers, redirect: "manual", signal, ...(body && { body }) });
    await response.body?.cancel();
    return response;
  };
  const { method } = request;
  return [
    await madeUpCredentials(token, (authorization) => ask(url, method, { authorization })),
    ...(await otherSpellings(url, (address) => ask(address, method))),
    await otherSites(url, method, ask),
  ];
}

async function madeUpCredentials(token: string, show: (credential: string) => Promise<Response>): Promise<Check> {
  const preimage = "00".repeat(32);
  for (const credential of [`L402 ${token}:${preimage}`, `L402 bWFkZSB1cA==:${preimage}`, "L402 made-up"]) {
    const { status } = await show(credential);
    const found = `The server answers a made-up proof of payment with HTTP ${status}`;
    if (status < 300) return problem(`${found}: anybody can get in without paying.`);
    if (status >= 500) return problem(`${found}: it fails instead of refusing.`);
    if (status !== 401 && status !== 402)
      return warning(`${found}. Use 401 or 402, so that buyers know that their proof of payment is not valid.`);
  }
  return ok("The server refuses a made-up proof of payment.");
}

/**
 * Tries other spellings of the address. A framework or proxy may treat them as the same page, but the paywall does not.
 */
async function otherSpellings(url: URL, get: (address: URL) => Promise<Response>): Promise<Check[]> {
  const at = (path: string) => Object.assign(new URL(url), { pathname: path });
  const path = url.pathname;
  const last = path.lastIndexOf("/") + 1;
  const letter = /[a-z0-9]/i.exec(path.slice(last))?.index;
  const encode = (index: number) => `%${path.charCodeAt(index).toString(16).toUpperCase()}${path.slice(index + 1)}`;
  const spellings = new Set([
    `/${path}`,
    path.endsWith("/") ? path.slice(0, -1) : `${path}/`,
    ...(letter === undefined ? [] : [path.slice(0, last + letter) + encode(last + letter)]),
    ...(last > 1 ? [path.slice(0, last - 1) + encode(last - 1)] : []),
    path.toUpperCase(),
    `${path};a=b`,
  ]);
  const others = [...spellings].filter((spelling) => at(spelling).pathname !== path);
  if ((await get(at(`${path.slice(0, last)}${randomUUID()}`))).ok) {
    return [
      warning(
        "The server answers with success even for a path that does not exist, so this check cannot tell whether other spellings of the URL get around the paywall.",
      ),
    ];
  }
  const found: Check[] = [];
  for (const spelling of others) {
    const { ok: isServed, status } = await get(at(spelling));
    if (isServed)
      found.push(
        problem(
          `The server answers ${spelling} with HTTP ${status} and without payment: this spelling of the URL gets around the paywall.`,
        ),
      );
  }
  return found.length > 0
    ? found
    : [ok(`Other spellings of the URL do not get around the paywall: ${others.join(", ")}.`)];
}

/** Checks whether a browser lets a page of another site read the challenge and send the credential. */
async function otherSites(url: URL, method: string, ask: Ask): Promise<Check> {
  const origin = "https://another-site.example";
  const { headers } = await ask(url, method, { origin });
  if (!headers.has("access-control-allow-origin")) {
    return ok(
      "Web pages of other sites cannot buy here, because there is no Access-Control-Allow-Origin header. Add it only if they should.",
    );
  }
  const lists = (from: Headers, list: string, names: RegExp) =>
    (from.get(list) ?? "").split(",").some((each) => names.test(each.trim()));
  if (!lists(headers, "access-control-expose-headers", /^(\*|www-authenticate)$/i)) {
    return warning(
      "Web pages of other sites cannot read the challenge. Send Access-Control-Expose-Headers: WWW-Authenticate.",
    );
  }
  const asks = { "access-control-request-method": method, "access-control-request-headers": "authorization" };
  const preflight = await ask(url, "OPTIONS", { origin, ...asks });
  // A star stands for all headers but `Authorization`.
  if (!preflight.ok || !lists(preflight.headers, "access-control-allow-headers", /^authorization$/i)) {
    return warning(
      "Web pages of other sites cannot send the proof of payment. Answer OPTIONS with Access-Control-Allow-Headers: Authorization.",
    );
  }
  return ok("Web pages of other sites can read the challenge and pay.");
}
