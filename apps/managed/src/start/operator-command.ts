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
    what: "Shows what the service owes and what its node holds.",
    call: () => ({ method: "GET", path: "/solvency" }),
  },
  audit: { arguments: "", what: "Checks the whole ledger.", call: () => ({ method: "POST", path: "/audit" }) },
  "withdraw-fees": {
    arguments: "<bolt11> [key]",
    what: "Pays an invoice from the earned fees only. With the same key, it pays only once.",
    call: ([bolt11, key = randomUUID()]) =>
      bolt11 === undefined
        ? undefined
        : { method: "POST", path: "/fee-withdrawals", body: { bolt11 }, headers: { "idempotency-key": key } },
  },
  "pause-payouts": { what: "Stops all payouts and withdrawals.", ...turn("payouts_paused", true) },
  "resume-payouts": { what: "Resumes them, also after an alarm.", ...turn("payouts_paused", false) },
  "stop-invoices": { what: "Stops new invoices. Withdrawals continue.", ...turn("invoices_stopped", true) },
  "resume-invoices": { what: "Allows new invoices again, also after wind-down.", ...turn("invoices_stopped", false) },
  "give-up-payout": {
    arguments: "<id>",
    what: "Returns the money reserved for a payout, if the wallet has no such payment.",
    call: ([id]) =>
      id === undefined ? undefined : { method: "POST", path: `/payouts/${encodeURIComponent(id)}/give-up` },
  },
  "confirm-payout": {
    arguments: "<id> <fee msat> <preimage>",
    what: "Ends a payout that the wallet reports as paid, but without its preimage. See the README.",
    call: ([id, fee = "", ...proof]) =>
      id === undefined || !/^\d{1,15}$/.test(fee) || proof.length === 0
        ? undefined
        : {
            method: "POST",
            path: `/payouts/${encodeURIComponent(id)}/confirm`,
            // One word is never taken for a sentence, or else a mistyped preimage would be.
            body: {
              feeMsat: Number(fee),
              ...(proof.length === 1 ? { preimage: proof[0] } : { evidence: proof.join(" ") }),
            },
          },
  },
  "rotate-signing-key": {
    arguments: "",
    what: "Signs balances with a new key from now on. The old key signs the new one.",
    call: () => ({ method: "POST", path: "/signing-keys" }),
  },
  "wind-down": {
    arguments: "",
    what: "Stops new invoices, pays out every balance, and shows what is left. Can be repeated.",
    call: () => ({ method: "POST", path: "/wind-down" }),
  },
};

const USAGE = `npm run managed                        starts the service
npm run managed -- <command>           sends a command to the running service; needs MANAGED_ADMIN_KEY

${Object.entries(COMMANDS)
  .map(([name, { arguments: words, what }]) => `  ${`${name} ${words}`.padEnd(42)} ${what}`)
  .join("\n")}`;

/** Of a connection that ended after the command was sent, or of five minutes without an answer, as a long wind-down takes. */
const UNANSWERED = /^(UND_ERR_SOCKET|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ECONNRESET)$/;

/** Runs a command against a service that runs. Answers what to print, and the exit code. */
export async function operatorCommand(args: string[], env: Environment): Promise<{ text: string; exitCode: number }> {
  const [name = "", ...words] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === "--help" || name === "help") return { text: USAGE, exitCode: 0 };
  const call = command?.call(words);
  if (!call)
    return {
      text: `${command ? `${name} needs ${command.arguments}.` : `The command "${name}" does not exist.`}\n\n${USAGE}`,
      exitCode: 2,
    };
  const key = env.MANAGED_ADMIN_KEY?.trim();
  if (!key)
    return {
      text: "Set MANAGED_ADMIN_KEY to the key of the running service. If you set no key for the service, it printed one at its start.",
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
  } catch (error) {
    const { code = "" } = ((error as Error).cause ?? {}) as { code?: string };
    return {
      text: UNANSWERED.test(code)
        ? `The service at ${url} got the command, and has not answered. It may still carry it out: look at its page first.`
        : `No service answers at ${url}. Check that the service is running, or set MANAGED_ADMIN_URL to its address.`,
      exitCode: 1,
    };
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
