import { type FundsMoved, L402Error } from "@l402/core";

const MAX_BYTES = 1024 * 1024;

interface Reading {
  backend: string;
  fundsMoved: FundsMoved;
  /** Ends after the first line that is not empty, because a stream may stay open for long. */
  firstLine: boolean;
}

/** Reads a response's body up to a limit, because an answer of a Lightning backend is only a few kilobytes. */
export async function readText(response: Response, { backend, fundsMoved, firstLine }: Reading): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    const chunk = decoder.decode(value, { stream: true });
    // Search only the new text: a line may come in very many pieces.
    const piece = firstLine && text === "" ? chunk.trimStart() : chunk;
    text += piece;
    const isWhole = firstLine && piece.includes("\n");
    if (!isWhole && size <= MAX_BYTES) continue;
    reader.cancel().catch(() => {});
    if (isWhole) return text.slice(0, text.indexOf("\n"));
    throw new L402Error("PROVIDER_BAD_RESPONSE", `${backend} answered with more than 1 MiB, which is the limit.`, {
      fundsMoved,
    });
  }
}
