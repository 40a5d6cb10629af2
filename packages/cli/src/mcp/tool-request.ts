import { MAX_URL_LENGTH } from "../read-request.ts";
import { usageError } from "../usage.ts";
import { isObject, type Params } from "./serve-json-rpc.ts";
import { text } from "./tool.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/** Headers that a model may not set: those of the connection, the host, and all that are or look like a credential. */
const NOT_TAKEN =
  /^(authorization|cookie|host|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade|(proxy|sec)-.*)$/;

export const REQUEST_SCHEMA = {
  url: text("The whole URL, such as https://api.example.com/weather"),
  headers: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "HTTP headers by name, without Authorization and Cookie: this tool sends the proof of payment itself.",
  },
  method: { type: "string", enum: METHODS, description: "The HTTP method. Default: GET, or POST if there is a body" },
  body: text("The body: JSON or another text. Without a content-type header, JSON is sent as application/json"),
  maxSats: {
    type: "integer",
    minimum: 0,
    description:
      "The most that this request may cost, including fees. It can only lower your user's limit. With 0, nothing is paid.",
  },
};

interface ToolRequest {
  url: URL;
  init: { method: string; headers: Headers; body?: string };
  maxSats: number | undefined;
}

/**
 * Reads the request that a model describes, and checks it before anything is sent.
 *
 * SECURITY: an unknown argument is refused, since it may be a misspelt limit (mcp.test.ts, "maxSats").
 */
export function readToolRequest(given: Params, names: readonly string[]): ToolRequest {
  refuseOthers(given, names);
  const { url, method, headers = {}, body, maxSats } = given;
  if (body !== undefined && typeof body !== "string")
    throw usageError("body must be a string. Write JSON as a string.");
  const verb = method ?? (body === undefined ? "GET" : "POST");
  if (typeof verb !== "string" || !METHODS.includes(verb))
    throw usageError(`method must be one of ${METHODS.join(", ")}.`);
  if (body !== undefined && /^(GET|HEAD)$/.test(verb)) throw usageError(`A ${verb} request cannot have a body.`);
  if (maxSats !== undefined && !(Number.isSafeInteger(maxSats) && (maxSats as number) >= 0)) {
    throw usageError("maxSats must be a whole number of sats, such as 100.");
  }
  const init = { method: verb, headers: readHeaders(headers), ...(body !== undefined && { body }) };
  if (body !== undefined && !init.headers.has("content-type")) init.headers.set("content-type", typeOf(body));
  return { url: readAddress(url), init, maxSats: maxSats as number | undefined };
}

export function refuseOthers(given: Params, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other === undefined) return;
  throw usageError(
    names.length > 0
      ? `${other.slice(0, 40)} is not an argument of this tool. The arguments are ${names.join(", ")}.`
      : "This tool takes no arguments.",
  );
}

function readAddress(text: unknown): URL {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError("url must be a whole http or https URL, such as https://api.example.com/weather.");
  }
  if (url.username || url.password) throw usageError("url must not contain a user name or a password.");
  if (url.href.length > MAX_URL_LENGTH) throw usageError(`url must not be longer than ${MAX_URL_LENGTH} characters.`);
  return url;
}

function readHeaders(given: unknown): Headers {
  const headers = new Headers();
  if (!isObject(given)) throw usageError('headers must be an object, such as { "accept": "text/html" }.');
  for (const [name, value] of Object.entries(given)) {
    if (NOT_TAKEN.test(name.trim().toLowerCase())) throw usageError(`The header ${name.slice(0, 40)} is not allowed.`);
    if (typeof value !== "string" || !canBeSent(name, value))
      throw usageError("headers contains a name or a value that is not valid in HTTP.");
    headers.set(name, value);
  }
  return headers;
}

function canBeSent(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

function typeOf(body: string): string {
  try {
    JSON.parse(body);
    return "application/json";
  } catch {
    return "text/plain;charset=UTF-8";
  }
}
