import type { Problem } from "../problem.ts";

/** For every answer: nobody keeps it, guesses its type, or puts it into a frame. */
export const SAFE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** A refusal as RFC 9457 has it. */
export function problemResponse({ code, status, title, detail, retryAfterSeconds }: Problem): Response {
  return new Response(JSON.stringify({ title, status, code, detail }), {
    status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": "application/problem+json",
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    },
  });
}
