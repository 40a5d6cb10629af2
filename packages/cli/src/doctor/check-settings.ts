import { stat } from "node:fs/promises";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Hosts that once were in tutorials and are gone, or never were yours. */
const RETIRED: Readonly<Record<string, string>> = {
  "legend.lnbits.com": "It was a public test server. Run LNbits yourself, or use the host you have an account on.",
  "demo.lnbits.com": "It is a public demo that is wiped. Run LNbits yourself.",
  "api.getalby.com": "Alby Hub is reached by a connection string: nostr+walletconnect://…",
  "nwc.getalby.com": "Make a new connection in your Alby Hub and use its string.",
};
const SKIPS = /^[A-Z_]+_SKIP_TLS_VERIFY$/;
const BUDGETS = ["L402_MAX_SATS", "L402_MAX_SATS_PER_HOUR", "L402_MAX_SATS_PER_DAY"];

/** What can be said without asking anybody. */
export async function checkSettings(io: Io, statePath: string): Promise<Finding[]> {
  const { env } = io;
  return [
    nodeVersion(),
    ...retiredHosts(env),
    ...skippedTls(env),
    secret(env),
    budget(env),
    await stateFile(statePath),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return fits
    ? ok(`Node ${process.versions.node}.`)
    : problem(`Node ${process.versions.node} is too old.`, "Install Node 20.19 or later.", EXIT.usage);
}

function retiredHosts(env: Io["env"]): Finding[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const host =
      value !== undefined && /^[a-z+]+:\/\//i.test(value) && URL.canParse(value) ? new URL(value).hostname : undefined;
    const fix = host && Object.hasOwn(RETIRED, host) ? RETIRED[host] : undefined;
    return fix ? [problem(`${name} points to ${host}, which is no place for your money.`, fix, EXIT.usage)] : [];
  });
}

function skippedTls(env: Io["env"]): Finding[] {
  const findings = Object.keys(env)
    .filter((name) => SKIPS.test(name) && env[name] === "true")
    .map((name) =>
      warning(
        `${name} trusts any certificate.`,
        "Pin the certificate instead: put its PEM into the variable that ends with _TLS_CERT.",
      ),
    );
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    findings.push(
      warning(
        "NODE_TLS_REJECT_UNAUTHORIZED=0 trusts any certificate for everything.",
        "Remove it; pin the one certificate that needs it with …_TLS_CERT.",
      ),
    );
  }
  return findings;
}

function secret(env: Io["env"]): Finding {
  const fix = "For selling, set it to what `openssl rand -hex 32` prints, the same on every server.";
  const { L402_SECRET } = env;
  if (!L402_SECRET) return warning("L402_SECRET is not set.", fix);
  return Buffer.byteLength(L402_SECRET) >= 32
    ? ok("L402_SECRET is long enough.")
    : problem("L402_SECRET has fewer than 32 bytes.", fix, EXIT.usage);
}

function budget(env: Io["env"]): Finding {
  const wrong = BUDGETS.filter((name) => env[name] && !/^\d{1,15}$/.test(env[name]));
  if (wrong.length > 0)
    return problem(
      `${wrong.join(" and ")} is no whole number of sats.`,
      "Write digits only, such as 1000.",
      EXIT.usage,
    );
  const { L402_MAX_SATS = "1000", L402_MAX_SATS_PER_HOUR: hour, L402_MAX_SATS_PER_DAY: day } = env;
  const all = hour || day ? [hour && `${hour} an hour`, day && `${day} a day`].filter(Boolean).join(", ") : undefined;
  if (all) return ok(`The budget is ${L402_MAX_SATS} sats a request, ${all}.`);
  return warning(
    `The budget is ${L402_MAX_SATS} sats a request, and any number of requests.`,
    "Set L402_MAX_SATS_PER_DAY.",
  );
}

async function stateFile(path: string): Promise<Finding> {
  try {
    const { mode } = await stat(path);
    const isPrivate = process.platform === "win32" || (mode & 0o077) === 0;
    return isPrivate
      ? ok(`${path} can only be read by you.`)
      : problem(`${path} can be read by others.`, `chmod 600 ${path}`, EXIT.usage);
  } catch {
    return ok(`${path} is not there yet; it is made with the first payment.`);
  }
}
