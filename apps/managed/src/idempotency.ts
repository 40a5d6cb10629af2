import { problem } from "./problem.ts";
import { sha256 } from "./random-id.ts";

/** Two requests with one hash ask for the same. */
export const requestHashOf = (request: object): string =>
  sha256(JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)))).toString("hex");

/** What a key stands for. Throws where it comes with another request. */
export function checkIdempotency<Row extends { request_hash: string | null }>(row: Row, request: object): Row {
  if (row.request_hash === requestHashOf(request)) return row;
  throw problem(
    "IDEMPOTENCY_KEY_REUSED",
    "The first request with this Idempotency-Key had another body. Use a new key for a new request.",
  );
}
