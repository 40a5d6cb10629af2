import { budgetFrom } from "@l402/config";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../read-arguments.ts";
import { type Finding, findingOf, ok, problem, warning } from "./finding.ts";

/** Hosts of old tutorials that are gone, or that should not be trusted with money. */
const RETIRED: Readonly<Record<string, string>> = {
  "legend.lnbits.com":
    "This public test server was shut down. Run LNbits yourself, or use the host where you have an account.",
  "demo.lnbits.com": "This public demo deletes its wallets. Run LNbits yourself.",
  "api.getalby.com":
    "The accounts on this server were closed. Use Alby Hub, and put its connection string nostr+walletconnect://… into ALBY_URL.",
};

/** Checks the settings that can be checked without a network request. */
export function checkSettings(
  { network }: Arguments,
  io: Io,
  { sells, buys }: { sells: boolean; buys: boolean },
): Finding[] {
  const { env } = io;
  return [
    nodeVersion(),
    ok(`The network is ${network}, so payments are ${network === "bitcoin" ? "real money" : "test money"}.`),
    ...retiredHosts(env),
    ...skippedTls(env),
    ...(sells ? [secret(env)] : []),
    ...(buys ? [budget(io)] : []),
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
      ? [problem("HOST_RETIRED", `${name} points to ${host}, which must not be used for money.`, fix, EXIT.usage)]
      : [];
  });
}

function skippedTls(env: Io["env"]): Finding[] {
  const skips = Object.keys(env).filter((name) => /^[A-Z_]+_SKIP_TLS_VERIFY$/.test(name) && env[name] === "true");
  const findings = skips.map((name) => {
    const cert = name.replace("SKIP_TLS_VERIFY", "TLS_CERT");
    return warning(
      "TLS_NOT_CHECKED",
      `${name}=true turns off the certificate check, so an attacker on the network could act as the backend.`,
      `Put the backend's certificate in PEM format into ${cert}, and unset ${name}.`,
    );
  });
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    const fix =
      "Unset this variable. If one backend has its own certificate, put that certificate into its …_TLS_CERT variable.";
    findings.push(warning("TLS_NOT_CHECKED", "NODE_TLS_REJECT_UNAUTHORIZED=0 turns off all certificate checks.", fix));
  }
  return findings;
}

function secret({ L402_SECRET }: Io["env"]): Finding {
  const fix = "Set L402_SECRET to the output of `openssl rand -hex 32`, the same on every server.";
  if (!L402_SECRET) return warning("SECRET_MISSING", "L402_SECRET is not set. A paywall needs it to sign tokens.", fix);
  return Buffer.byteLength(L402_SECRET) >= 32
    ? ok("L402_SECRET is long enough.")
    : problem("SECRET_TOO_SHORT", "L402_SECRET is shorter than 32 bytes.", fix, EXIT.usage);
}

function budget(io: Io): Finding {
  try {
    const { perRequestSats = 1000, ...limits } = budgetFrom(io.env);
    const { perHourSats, perDaySats, totalSats } = limits;
    const spoken = [
      [perHourSats, "per hour"],
      [perDaySats, "per day"],
      [totalSats, "in total"],
    ].flatMap(([sats, time]) => (sats === undefined ? [] : [`${sats} sats ${time}`]));
    if (spoken.length > 0) return ok(`The spending limit is ${perRequestSats} sats per request, ${spoken.join(", ")}.`);
    return warning(
      "NO_LIMIT_IN_ALL",
      `The spending limit is ${perRequestSats} sats per request, but there is no limit for all requests together.`,
      "Set a daily limit, for example L402_MAX_SATS_PER_DAY=5000.",
    );
  } catch (error) {
    return findingOf("Spending limit", error, EXIT.usage, io);
  }
}
