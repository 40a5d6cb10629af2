import { readFile } from "node:fs/promises";
import type { Io } from "./io.ts";
import { usageError } from "./usage.ts";

type Body = string | Uint8Array<ArrayBuffer>;

export interface RequestArguments {
  request: { method: string; headers: [string, string][]; body?: Body };
}

interface Given {
  method: string | undefined;
  headers: readonly string[];
  userAgent: string | undefined;
  data: readonly Data[];
}

/** The value of one -d, --data-binary or --data-raw. */
export interface Data {
  text: string;
  /** True if `text` is the name of a file; "-" is stdin. */
  isFile: boolean;
  /** True if a file is sent as it is, and not without its line ends. */
  isBinary: boolean;
}

/** Reads the request that -X, -H, -A and -d describe, and checks it before anything is sent. */
export async function readRequest({ method: given, headers: lines, userAgent, data }: Given, io: Io) {
  const body = await bodyOf(data, io);
  const headers = lines.map(headerOf);
  if (userAgent !== undefined && !headers.some(([name]) => name.toLowerCase() === "user-agent"))
    headers.push(headerOf(`user-agent: ${userAgent}`));
  if (body !== undefined && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["content-type", "application/x-www-form-urlencoded"]);
  }
  const method = given ?? (body === undefined ? "GET" : "POST");
  if (body !== undefined && /^(GET|HEAD)$/i.test(method))
    throw usageError(`A ${method.toUpperCase()} request cannot send data. Leave out -d, or use -X POST.`);
  if (!canBe(() => new Request("http://localhost", { method })))
    throw usageError("-X needs an HTTP method, such as GET or POST.");
  return { method, headers: headers.filter(isSent), ...(body !== undefined && { body }) };
}

/**
 * Whether a header is sent: as with curl, not if it has no value.
 *
 * SECURITY: with an Authorization of the user's own nothing is paid, even if a script's variable for it is empty
 * (curl-flags.test.ts, "without a value").
 */
const isSent = ([name, value]: readonly [string, string]) => value !== "" || /^authorization$/i.test(name);

/** SECURITY: errors repeat no header value, and no address with a password (secrets.test.ts, "arguments"). */
function headerOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  const header: [string, string] = [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()];
  if (colon < 1 || !canBe(() => new Headers([header])))
    throw usageError('-H needs a header, such as "Accept: text/html".');
  if (header[1] !== "" && OF_THE_CONNECTION.test(header[0]))
    throw usageError(`-H cannot set ${header[0]}, which l402 sets for the connection. The host is the one of the URL.`);
  return header;
}

/** `fetch` drops the first of these without a word, and fails with the others. */
const OF_THE_CONNECTION = /^(host|expect|keep-alive|transfer-encoding|upgrade)$/i;

/** Joins the parts with "&", as curl does. */
async function bodyOf(parts: readonly Data[], io: Io): Promise<Body | undefined> {
  if (parts.length === 0) return undefined;
  if (!parts.some(({ isFile }) => isFile)) return parts.map(({ text }) => text).join("&");
  if (parts.filter(({ text, isFile }) => isFile && text === "-").length > 1)
    throw usageError("Stdin can be read only once. Use @- for one part of the data only.");
  const read: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0) read.push(Buffer.from("&"));
    read.push(part.isFile ? await fileOf(part, io) : Buffer.from(part.text));
  }
  return Buffer.concat(read);
}

async function fileOf({ text: path, isBinary }: Data, io: Io): Promise<Uint8Array> {
  const bytes =
    path === "-"
      ? await io.stdin()
      : await readFile(path).catch((error) =>
          Promise.reject(usageError(`The file ${path} cannot be read (${error.code}).`)),
        );
  return isBinary ? bytes : bytes.filter((byte) => !LINE_ENDS.has(byte));
}

/** What curl leaves out of a file: CR, LF and NUL. */
const LINE_ENDS = new Set([13, 10, 0]);

/**
 * SECURITY: each purchase keeps its address, and each payment writes all of them again. Long ones would slow down every
 * program that shares the file, for next to nothing (mcp-hostile.test.ts, "a long address").
 */
export const MAX_URL_LENGTH = 8_000;

const EXAMPLE = "https://api.example.com";

/** Reads the one URL of a command. Without a scheme it means https://, but http:// on this computer. */
export function readUrl(command: string, positionals: readonly string[]): URL {
  const [text, ...more] = positionals;
  if (more.length > 0 && positionals.some((each) => /^\s*[[{]/.test(each)))
    throw usageError("Send data with -d. The option --json only changes how l402 prints the answer.");
  if (text === undefined) throw usageError(`l402 ${command} needs a URL. Example: l402 ${command} ${EXAMPLE}.`);
  if (more.length > 0) throw usageError(`l402 ${command} takes only one URL.`);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)/i.test(text);
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${isLocal ? "http" : "https"}://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw usageError(`The URL is not valid. Use an http or https URL, such as ${EXAMPLE}.`);
  if (url.username || url.password) {
    throw usageError('The URL must not contain a user name or a password. Use -H "Authorization: …" instead.');
  }
  if (url.href.length > MAX_URL_LENGTH)
    throw usageError(`The URL must not be longer than ${MAX_URL_LENGTH} characters.`);
  return url;
}

/** Refuses a request that the client never pays for, so that its answer says nothing about a price. */
export function checkHasPrice({ method, headers }: RequestArguments["request"]): void {
  if (/^HEAD$/i.test(method)) throw usageError("A HEAD request has nothing to buy, so it has no price. Leave out -I.");
  if (headers.some(([name]) => /^authorization$/i.test(name)))
    throw usageError("With an Authorization header of your own nothing is paid, so there is no price. Leave it out.");
}

function canBe(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}
