import { constants, type FileHandle, open, rm, stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { ResponsePayment } from "@l402/client";
import type { Io } from "./io.ts";
import { jsonLine } from "./json-line.ts";
import type { Arguments } from "./read-arguments.ts";
import { usageError } from "./usage.ts";
import { paymentAsData, withoutControls } from "./words.ts";

/** Where `-o` leads to. */
export interface Output {
  /** Empties it for the answer. */
  begin(): Promise<void>;
  write(data: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the file for the answer, once: the reader of a named pipe sees one writer. Until there is an answer, the file
 * keeps its contents, and one that can be made is not there.
 */
export async function openOutput(path: string, { signal }: Io): Promise<Output> {
  const isPipe = (await stat(path).catch(() => undefined))?.isFIFO();
  const first = isPipe ? await onceRead(path, signal) : undefined;
  const notWritten = (error: unknown) => cannotWrite(path, error as { code?: string });
  const append = () => open(path, "a").catch(notWritten);
  let file: FileHandle | undefined;
  try {
    const made = await open(path, "ax").catch(() => undefined);
    // At once: later, it may be the file of another command, whose answer is on its way.
    if (made) await made.close().then(() => rm(path, { force: true }));
    else file = await append();
  } finally {
    await first?.close();
  }
  return {
    async begin() {
      // Another command had made the file, and has removed it. A pipe without a name still has its reader.
      const names = isPipe ? 1 : (await file?.stat())?.nlink;
      if (names === 0) await file?.close();
      if (!names) file = await append();
      // What is no file, such as a pipe, holds nothing that could be cut off.
      await file?.truncate().catch(() => {});
    },
    write: async (data) => file?.writeFile(data).catch(notWritten),
    close: async () => file?.close(),
  };
}

/** Waits for the reader of a named pipe. `open` would wait too, but for ever, and without it the process cannot end. */
async function onceRead(path: string, signal: AbortSignal): Promise<FileHandle | undefined> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENXIO") return undefined;
      await setTimeout(50);
    }
  }
}

function cannotWrite(path: string, { code }: { code?: string }): never {
  throw usageError(`The file ${path} cannot be written (${code}).`);
}

/** Six times as much, if each character is escaped, still fits into one string. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;
const TOO_LONG = "The body is longer than 64 MB, which --json cannot print. Write it to a file with -o <file>.";

/** Writes the answer as it arrives, or the whole answer as JSON. With `fail`, the body of an error is left out. */
export async function writeAnswer(
  response: Response,
  payment: ResponsePayment | undefined,
  { json, include, fail, output = "" }: Pick<Arguments, "json" | "include" | "fail" | "output">,
  file: Output | undefined,
  io: Io,
): Promise<void> {
  const tell = (body?: object) => io.stdout(jsonLine(answerAsData(response, payment, body)));
  if (fail && response.status >= 400) {
    await response.body?.cancel();
    if (json) await tell();
    else if (include && !file) await io.stdout(headOf(response));
    return;
  }
  const write = (data: string | Uint8Array) => (file ? file.write(data) : io.stdout(data));
  await file?.begin();
  if (include && !json) await write(headOf(response));
  const terminal = !file && io.isTerminal.stdout ? forTerminal() : undefined;
  const kept: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (file || !json) await write(terminal ? terminal.shown(chunk) : chunk);
      else {
        if (size > MAX_JSON_BYTES) throw usageError(TOO_LONG);
        kept.push(chunk);
      }
    }
  } finally {
    if (terminal?.isColoured()) await write("\u001b[0m").catch(() => {});
  }
  if (json) await tell(file ? { output } : bodyAsData(Buffer.concat(kept)));
}

function answerAsData({ status, headers }: Response, payment: ResponsePayment | undefined, body?: object) {
  // Several lines of one name, such as Set-Cookie, are joined.
  const lines = [...headers].map(([name]) => [name, headers.get(name)]);
  return { status, headers: Object.fromEntries(lines), ...body, payment: payment && paymentAsData(payment) };
}

/**
 * SECURITY: on a terminal, an answer must not rewrite what was told about the payment. Colours change nothing above
 * (terminal.test.ts, "cannot rewrite"), but can hide what follows, such as an error, unless they end with the answer
 * ("cannot hide").
 */
function forTerminal() {
  const decoder = new TextDecoder();
  let isColoured = false;
  const harmless = (found: string) => {
    if (!found.startsWith("\u001b[")) return `�${found.slice(1)}`;
    isColoured = !/\[0?m/.test(found);
    return found;
  };
  return {
    shown: (chunk: Uint8Array) =>
      decoder.decode(chunk, { stream: true }).replace(/(?![\n\r\t])\p{Cc}(\[[\d;]*m)?/gu, harmless),
    isColoured: () => isColoured,
  };
}

function bodyAsData(bytes: Uint8Array): { body: string } | { bodyBase64: string } {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bodyBase64: Buffer.from(bytes).toString("base64") };
  }
}

function headOf({ status, statusText, headers }: Response): string {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}`);
  return `${[`HTTP ${status} ${statusText}`.trim(), ...lines].map(withoutControls).join("\n")}\n\n`;
}
