import type { Hide } from "./hide-credentials.ts";

/** Some 12 000 tokens: a model can read this much without forgetting its task. */
export const MAX_BODY_BYTES = 50_000;

/** The part of an answer that a model gets. The rest is not read. */
export interface ReadBody {
  body?: string;
  bodyBase64?: string;
  truncated?: string;
}

/**
 * SECURITY: keeps no more in memory than is shown, however long the answer is, packed or unpacked (mcp-hostile.test.ts,
 * "huge").
 */
export async function readBody({ body }: Response, hide: Hide): Promise<ReadBody> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  while (reader && size <= MAX_BODY_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, MAX_BODY_BYTES + 1 - size);
    parts.push(part);
    size += part.length;
  }
  const isCut = size > MAX_BODY_BYTES;
  if (isCut) void reader?.cancel().catch(() => {});
  const bytes = Buffer.concat(parts).subarray(0, MAX_BODY_BYTES);
  const notice = `Only the first ${MAX_BODY_BYTES} bytes are shown. The rest was not read.`;
  return { ...asText(bytes, isCut, hide), ...(isCut && { truncated: notice }) };
}

function asText(bytes: Buffer, isCut: boolean, hide: Hide): Pick<ReadBody, "body" | "bodyBase64"> {
  try {
    // A cut body may end within a character.
    return { body: new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut }) };
  } catch {
    // Base64 would hide a secret from whatever looks for it later.
    return { bodyBase64: btoa(hide(bytes.toString("latin1"))) };
  }
}
