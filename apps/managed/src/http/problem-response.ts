import type { Problem } from "../problem.ts";

/** A refusal as RFC 9457 has it. */
export function problemResponse({ code, status, title, detail, retryAfterSeconds }: Problem): Response {
  return new Response(JSON.stringify({ title, status, code, detail }), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    },
  });
}
