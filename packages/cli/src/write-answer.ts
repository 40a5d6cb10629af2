import { type FileHandle, open } from "node:fs/promises";
import type { ResponsePayment } from "@l402/client";
import type { Io } from "./io.ts";
import { jsonLine } from "./json-line.ts";
import type { Arguments } from "./read-arguments.ts";
import { usageError } from "./usage.ts";
import { withoutControls } from "./words.ts";

/** Throws if the file for the answer cannot be written. The file keeps its contents until there is an answer. */
export async function checkOutput(path: string | undefined): Promise<void> {
  if (path !== undefined) await (await openOutput(path, "a")).close();
}

const openOutput = (path: string, flags: string): Promise<FileHandle> =>
  open(path, flags).catch((error) => notWritten(path, error));

function notWritten(path: string, { code }: { code?: string }): never {
  throw usageError(`The file ${path} cannot be written (${code}).`);
}

/** Six times as much, if each character is escaped, still fits into one string. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;
const TOO_LONG = "The body is longer than 64 MB, which --json cannot print. Write it to a file with -o <file>.";

/** Writes the answer as it arrives, or the whole answer as JSON. */
export async function writeAnswer(
  response: Response,
  payment: ResponsePayment | undefined,
  { json, include, output }: Pick<Arguments, "json" | "include" | "output">,
  io: Io,
): Promise<void> {
  const file = output === undefined ? undefined : await openOutput(output, "w");
  try {
    if (include && !json) await io.stdout(headOf(response));
    const kept: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (output !== undefined) await file?.writeFile(chunk).catch((error) => notWritten(output, error));
      else if (json) {
        if (size > MAX_JSON_BYTES) throw usageError(TOO_LONG);
        kept.push(chunk);
      } else await io.stdout(chunk);
    }
    if (!json) return;
    const { status, headers } = response;
    const body = file ? { output } : bodyAsData(Buffer.concat(kept));
    const answer = {
      status,
      headers: Object.fromEntries(headers),
      ...body,
      payment: payment && paymentAsData(payment),
    };
    await io.stdout(jsonLine(answer));
  } finally {
    await file?.close();
  }
}

const paymentAsData = ({ amountMsat, feeMsat, paymentHash, paidNow }: ResponsePayment) => ({
  paidNow,
  amountSats: amountMsat / 1000,
  feeSats: feeMsat / 1000,
  paymentHash,
});

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
