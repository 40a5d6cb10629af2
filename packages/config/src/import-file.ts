import type { Role } from "./choose-backend.ts";
import { type Environment, invalid } from "./environment.ts";

const METHODS = {
  provider: ["createInvoice", "lookupInvoice"],
  wallet: ["payInvoice", "lookupPayment"],
} as const satisfies Record<Role, readonly string[]>;

/** Loads your own backend from a JavaScript file that exports `provider` or `wallet`. For Node, Bun and Deno. */
export async function importFile<Made>(path: string, role: Role): Promise<Made> {
  const exported = (await load(path))[role] as Record<string, unknown> | undefined;
  const isMade = METHODS[role].every((method) => typeof exported?.[method] === "function");
  if (isMade) return exported as Made;
  throw invalid(
    `${path} does not export a ${role}.`,
    `Add "export const ${role} = …" to the file. The ${role} must have the methods ${METHODS[role].join(" and ")}.`,
  );
}

/**
 * SECURITY: an error of the user's file may hold a key, so it is not repeated (config.secrets.test.ts, "that a file
 * throws").
 */
async function load(path: string): Promise<Environment> {
  let href: string;
  try {
    const { pathToFileURL } = await import("node:url");
    href = path.startsWith("file:") ? path : pathToFileURL(path).href;
  } catch {
    throw invalid(
      `${path} cannot be loaded, because this platform has no file system.`,
      "Set the name of a backend instead.",
    );
  }
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ href);
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: unknown };
    throw invalid(
      `${path} cannot be loaded (${typeof code === "string" ? code : name}).`,
      `Run "node ${path}" to see the reason.`,
    );
  }
}
