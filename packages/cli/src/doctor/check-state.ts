import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { createL402Client } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { isL402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { NO_WALLET } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Checks the file with the purchases as a purchase does, which reads it, locks it and writes beside it. */
export async function checkState(args: Arguments, { env }: Io): Promise<Finding[]> {
  try {
    const path = args.statePath;
    const store = createFileClientStore({ path });
    await createL402Client({ wallet: NO_WALLET, store }).spending();
    await store.update((text) => text as string);
    return [...elsewhereAnew(env), await privacy(path)];
  } catch (error) {
    if (!isL402Error(error)) throw error;
    const { message, hint } = error;
    return [
      problem("STATE_UNUSABLE", `Purchases cannot be kept, so nothing can be paid. ${message}`, hint, EXIT.usage),
    ];
  }
}

/**
 * SECURITY: a relative path lets the caller choose, by the folder, the file that the limits count by (doctor.test.ts,
 * "in each folder").
 */
function elsewhereAnew({ L402_STATE }: Io["env"]): Finding[] {
  const path = L402_STATE?.trim();
  if (!path || isAbsolute(path)) return [];
  const fix = `Set the absolute path: L402_STATE=${resolve(path)}`;
  return [
    warning(
      "STATE_RELATIVE",
      "L402_STATE is a relative path, so in another folder another file is used and every limit starts from zero.",
      fix,
    ),
  ];
}

async function privacy(path: string): Promise<Finding> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return ok(`Purchases will be kept in ${path}.`);
  const isPrivate = process.platform === "win32" || (found.mode & 0o077) === 0;
  return isPrivate
    ? ok(`Purchases are kept in ${path}, which only you can read.`)
    : problem(
        "STATE_NOT_PRIVATE",
        `Other users of this computer can read ${path}, and use what you bought.`,
        `Run: chmod 600 ${path}`,
        EXIT.usage,
      );
}
