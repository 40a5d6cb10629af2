import { isL402Error } from "@l402/core";

/** Why the service did not start, and what to do, in a sentence or two. */
export function explainFailure(error: unknown): string {
  if (isL402Error(error)) return `${error.message} ${error.hint}`.trim();
  const { code = "", message, port } = error as { code?: string; message: string; port?: number };
  if (code === "EADDRINUSE" || code === "EACCES") {
    return `Port ${port} cannot be used, because it is in use or not allowed. Set MANAGED_PORT or MANAGED_ADMIN_PORT to another port.`;
  }
  const isOfDatabase = /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|28P01|28000|3D000)$/.test(code);
  return `The service did not start: ${message}${isOfDatabase ? ". Check DATABASE_URL." : ""}`;
}
