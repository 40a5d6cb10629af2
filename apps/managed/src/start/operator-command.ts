import { randomUUID } from "node:crypto";
import type { Environment } from "./read-environment.ts";

interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: object;
  headers?: Record<string, string>;
}

interface Command {
  arguments: string;
  what: string;
  call(words: string[]): Call | undefined;
}

const turn = (name: string, isOn: boolean): Pick<Command, "call" | "arguments"> => ({
  arguments: isOn ? "<reason>" : "",
  call: (words) =>
    isOn
      ? words.length > 0
        ? { method: "PUT", path: `/switches/${name}`, body: { reason: words.join(" ") } }
        : undefined
      : { method: "DELETE", path: `/switches/${name}` },
});

const COMMANDS: Record<string, Command> = {
  solvency: {
    arguments: "",
    what: "What is owed, and what there is.",
    call: () => ({ method: "GET", path: "/solvency" }),
  },
  audit: { arguments: "", what: "Adds the whole ledger up again.", call: () => ({ method: "POST", path: "/audit" }) },
  "withdraw-fees": {
    arguments: "<bolt11> [key]",
    what: "Pays an invoice from the fees, and from nothing else. The same key again pays nothing again.",
    call: ([bolt11, key = randomUUID()]) =>
      bolt11 === undefined
        ? undefined
        : { method: "POST", path: "/fee-withdrawals", body: { bolt11 }, headers: { "idempotency-key": key } },
  },
  "pause-payouts": { what: "Nothing leaves until they are resumed.", ...turn("payouts_paused", true) },
  "resume-payouts": { what: "Ends that, also after an alarm.", ...turn("payouts_paused", false) },
  "stop-invoices": { what: "No new invoices; withdrawals go on.", ...turn("invoices_stopped", true) },
  "resume-invoices": { what: "Ends that.", ...turn("invoices_stopped", false) },
  "give-up-payout": {
    arguments: "<id>",
    what: "Gives back what a payout has set aside that the wallet has never known.",
    call: ([id]) =>
      id === undefined ? undefined : { method: "POST", path: `/payouts/${encodeURIComponent(id)}/give-up` },
  },
  "rotate-signing-key": {
    arguments: "",
    what: "Signs balances with a new key from now on. The old one endorses it.",
    call: () => ({ method: "POST", path: "/signing-keys" }),
  },
  "wind-down": {
    arguments: "",
    what: "No new invoices, and every balance is paid out. Says what is left. Can be repeated.",
    call: () => ({ method: "POST", path: "/wind-down" }),
  },
};

const USAGE = `npm run managed                        starts the service
npm run managed -- <command>           asks a service that runs, with MANAGED_ADMIN_KEY

${Object.entries(COMMANDS)
  .map(([name, { arguments: words, what }]) => `  ${`${name} ${words}`.padEnd(32)} ${what}`)
  .join("\n")}`;

/** Runs a command against a service that runs. Answers what to print, and the exit code. */
export async function operatorCommand(args: string[], env: Environment): Promise<{ text: string; exitCode: number }> {
  const [name = "", ...words] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === "--help" || name === "help") return { text: USAGE, exitCode: 0 };
  const call = command?.call(words);
  if (!call)
    return {
      text: `${command ? `${name} needs ${command.arguments}.` : `There is no command "${name}".`}\n\n${USAGE}`,
      exitCode: 2,
    };
  const key = env.MANAGED_ADMIN_KEY?.trim();
  if (!key)
    return {
      text: "Set MANAGED_ADMIN_KEY to the service's key. Without a setting, it printed one when it started.",
      exitCode: 2,
    };
  const url = env.MANAGED_ADMIN_URL?.trim() ?? `http://127.0.0.1:${env.MANAGED_ADMIN_PORT?.trim() || 4021}`;
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}${call.path}`, {
      method: call.method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...call.headers },
      ...(call.body && { body: JSON.stringify(call.body) }),
      redirect: "error",
    });
    const text = await response.text();
    return { text: pretty(text), exitCode: response.ok ? 0 : 1 };
  } catch {
    return { text: `No service answers at ${url}. Set MANAGED_ADMIN_URL if it runs elsewhere.`, exitCode: 1 };
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
