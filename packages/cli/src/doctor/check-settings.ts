import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { budgetFrom } from "@l402/config";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../read-arguments.ts";
import { type Finding, findingOf, ok, problem, warning } from "./finding.ts";

/** Hosts of old tutorials that are gone, or that should not be trusted with money. */
const RETIRED: Readonly<Record<string, string>> = {
  "legend.lnbits.com": "It was a public test server. Run LNbits yourself, or use the host that you have an account on.",
  "demo.lnbits.com": "It is a public demo that is wiped. Run LNbits yourself.",
  "api.getalby.com":
    "The accounts behind it were closed. Use Alby Hub, and its connection string: nostr+walletconnect://…",
};

/** Checks the settings that can be checked without a network request. */
export async function checkSettings(
  { statePath, network }: Arguments,
  io: Io,
  { sells, buys }: { sells: boolean; buys: boolean },
): Promise<Finding[]> {
  const { env } = io;
  return [
    nodeVersion(),
    ok(`The network is ${network}: ${network === "bitcoin" ? "real money" : "money for tests"}.`),
    ...retiredHosts(env),
    ...skippedTls(env),
    ...(sells ? [secret(env)] : []),
    ...(buys ? [budget(io), ...elsewhereAnew(env), await stateFile(statePath)] : []),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return fits
    ? ok(`Node ${process.versions.node} is new enough.`)
    : problem("NODE_TOO_OLD", `Node ${process.versions.node} is too old.`, "Install Node 20.19 or newer.", EXIT.usage);
}

function retiredHosts(env: Io["env"]): Finding[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const isUrl = /^[a-z+]+:\/\//i.test(value) && URL.canParse(value);
    const host = isUrl ? new URL(value).hostname : value.split("@")[1]?.toLowerCase();
    const fix = host && Object.hasOwn(RETIRED, host) ? RETIRED[host] : undefined;
    return fix
      ? [problem("HOST_RETIRED", `${name} points to ${host}, which is no place for money.`, fix, EXIT.usage)]
      : [];
  });
}

function skippedTls(env: Io["env"]): Finding[] {
  const skips = Object.keys(env).filter((name) => /^[A-Z_]+_SKIP_TLS_VERIFY$/.test(name) && env[name] === "true");
  const findings = skips.map((name) => {
    const cert = name.replace("SKIP_TLS_VERIFY", "TLS_CERT");
    return warning(
      "TLS_NOT_CHECKED",
      `${name} trusts any certificate.`,
      `Pin the right one: unset ${name}, and put the PEM into ${cert}.`,
    );
  });
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    const fix = "Unset it. Where one certificate is not trusted, pin that one with …_TLS_CERT.";
    findings.push(warning("TLS_NOT_CHECKED", "NODE_TLS_REJECT_UNAUTHORIZED=0 trusts any certificate of anybody.", fix));
  }
  return findings;
}

function secret({ L402_SECRET }: Io["env"]): Finding {
  const fix = "Set it to what `openssl rand -hex 32` prints, the same on every server.";
  if (!L402_SECRET)
    return warning("SECRET_MISSING", "L402_SECRET is not set: a paywall needs one to sign its tokens.", fix);
  return Buffer.byteLength(L402_SECRET) >= 32
    ? ok("L402_SECRET is long enough.")
    : problem("SECRET_TOO_SHORT", "L402_SECRET has fewer than 32 bytes.", fix, EXIT.usage);
}

function budget(io: Io): Finding {
  try {
    const { perRequestSats = 1000, ...limits } = budgetFrom(io.env);
    const { perHourSats, perDaySats, totalSats } = limits;
    const spoken = [
      [perHourSats, "an hour"],
      [perDaySats, "a day"],
      [totalSats, "in all"],
    ].flatMap(([sats, time]) => (sats === undefined ? [] : [`${sats} ${time}`]));
    if (spoken.length > 0) return ok(`The budget is ${perRequestSats} sats a request, ${spoken.join(", ")}.`);
    return warning(
      "NO_LIMIT_IN_ALL",
      `The budget is ${perRequestSats} sats a request, and any number of requests.`,
      "Set L402_MAX_SATS_PER_DAY=5000, or what you like.",
    );
  } catch (error) {
    return findingOf("The budget", error, EXIT.usage, io);
  }
}

/**
 * SECURITY: a relative path lets the caller choose, by the folder, the file that the limits count by (doctor.test.ts,
 * "in each folder").
 */
function elsewhereAnew({ L402_STATE }: Io["env"]): Finding[] {
  if (!L402_STATE || isAbsolute(L402_STATE)) return [];
  const fix = `Write all of it: L402_STATE=${resolve(L402_STATE)}`;
  return [
    warning("STATE_RELATIVE", "L402_STATE counts from the folder you are in: elsewhere every limit begins anew.", fix),
  ];
}

async function stateFile(path: string): Promise<Finding> {
  try {
    const { mode } = await stat(path);
    const isPrivate = process.platform === "win32" || (mode & 0o077) === 0;
    return isPrivate
      ? ok(`Only you can read ${path}, where purchases are kept.`)
      : problem(
          "STATE_NOT_PRIVATE",
          `Others can read ${path}, and use what you bought.`,
          `chmod 600 ${path}`,
          EXIT.usage,
        );
  } catch {
    return ok(`Purchases will be kept in ${path}.`);
  }
}
