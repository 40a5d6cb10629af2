import { checkOption, NETWORKS, type Network } from "@l402/core";
import type { ServiceOptions } from "../settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Limits = Pick<ServiceOptions, "payoutThresholdMsat" | "payoutIntervalSeconds" | "balanceCapMsat">;

export interface StartSettings {
  isRegtest: boolean;
  network: Network;
  host: string;
  port: number;
  adminHost: string;
  adminPort: number;
  /** Left out where one is to be made up for this run. */
  adminKey: string | undefined;
  trustProxy: boolean;
  /** So that nothing leaves before the operator has compared the books with the node. */
  payoutsPaused: boolean;
  database: { url: string | undefined; folder: string | undefined };
  limits: Limits;
}

const KNOWN = [
  ...["MANAGED_HOST", "MANAGED_PORT", "MANAGED_ADMIN_HOST", "MANAGED_ADMIN_PORT", "MANAGED_ADMIN_KEY"],
  ...["MANAGED_TRUST_PROXY", "MANAGED_FOLDER", "MANAGED_PAYOUT_THRESHOLD_SATS", "MANAGED_PAYOUT_INTERVAL_SECONDS"],
  ...["MANAGED_BALANCE_CAP_SATS", "MANAGED_PAYOUTS_PAUSED", "MANAGED_ADMIN_URL"],
  // Of @l402/managed, for whoever sells and runs a service with one environment.
  ...["MANAGED_URL", "MANAGED_API_KEY", "MANAGED_LIGHTNING_ADDRESS", "MANAGED_DIRECT", "MANAGED_COMPATIBLE"],
];

/** The settings of the service, from plain variables. Throws CONFIG_INVALID with the fix. */
export function readEnvironment(env: Environment): StartSettings {
  const text = (name: string) => env[name]?.trim() || undefined;
  const stranger = Object.keys(env).find((name) => name.startsWith("MANAGED_") && !KNOWN.includes(name));
  checkOption(
    stranger === undefined,
    String(stranger),
    `removed, because it is not a known setting. The known settings are ${KNOWN.join(", ")}`,
  );
  const whole = (name: string, min: number, max: number) => {
    const value = text(name);
    const number = value === undefined ? undefined : Number(value);
    checkOption(
      number === undefined || (Number.isSafeInteger(number) && number >= min && number <= max),
      name,
      `a whole number from ${min} to ${max}`,
    );
    return number;
  };
  const flag = (name: string) => {
    const value = text(name) ?? "false";
    checkOption(["true", "false"].includes(value), name, "true or false");
    return value === "true";
  };
  const isRegtest = text("L402_PROVIDER") === undefined;
  const isProduction = env.NODE_ENV === "production";
  const network = text("L402_NETWORK") ?? (isRegtest ? "regtest" : "bitcoin");
  checkOption((NETWORKS as readonly string[]).includes(network), "L402_NETWORK", `one of ${NETWORKS.join(", ")}`);

  const threshold = whole("MANAGED_PAYOUT_THRESHOLD_SATS", 1, 100_000_000);
  const interval = whole("MANAGED_PAYOUT_INTERVAL_SECONDS", 0, 31_536_000);
  const cap = whole("MANAGED_BALANCE_CAP_SATS", 1, 1_000_000_000);
  const settings: StartSettings = {
    isRegtest,
    network: network as Network,
    host: text("MANAGED_HOST") ?? "127.0.0.1",
    port: whole("MANAGED_PORT", 0, 65_535) ?? 4020,
    adminHost: text("MANAGED_ADMIN_HOST") ?? "127.0.0.1",
    adminPort: whole("MANAGED_ADMIN_PORT", 0, 65_535) ?? 4021,
    adminKey: text("MANAGED_ADMIN_KEY"),
    trustProxy: flag("MANAGED_TRUST_PROXY"),
    payoutsPaused: flag("MANAGED_PAYOUTS_PAUSED"),
    database: { url: text("DATABASE_URL"), folder: text("MANAGED_FOLDER") },
    limits: {
      ...(threshold !== undefined && { payoutThresholdMsat: threshold * 1_000 }),
      ...(interval !== undefined && { payoutIntervalSeconds: interval }),
      ...(cap !== undefined && { balanceCapMsat: cap * 1_000 }),
    },
  };
  checkSafety(settings, isProduction);
  return settings;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const PLACEHOLDER = /change.?me|example|placeholder|your.?(own.?)?key|secret|password|default/i;

/** SECURITY: what is fine to try out would be somebody's loss in earnest (read-environment.test.ts, "refuses to start"). */
function checkSafety(
  { isRegtest, host, adminHost, adminKey, network, database }: StartSettings,
  isProduction: boolean,
) {
  if (isProduction) {
    checkOption(!isRegtest, "L402_PROVIDER", "set to a Lightning backend when NODE_ENV is production");
    checkOption(
      adminKey !== undefined,
      "MANAGED_ADMIN_KEY",
      "set when NODE_ENV is production. Use the output of openssl rand -hex 32",
    );
    const password = database.url && URL.canParse(database.url) ? new URL(database.url).password : "";
    checkOption(
      !/^(postgres|password|admin|changeme|secret)$/i.test(password),
      "DATABASE_URL",
      "a URL without a default password when NODE_ENV is production",
    );
  }
  if (adminKey !== undefined) {
    const isStrong = adminKey.length >= 32 && new Set(adminKey).size >= 10 && !PLACEHOLDER.test(adminKey);
    checkOption(
      isStrong && /^[!-~]+$/.test(adminKey),
      "MANAGED_ADMIN_KEY",
      "a random text of at least 32 characters. Use the output of openssl rand -hex 32",
    );
  }
  checkOption(
    adminKey !== undefined || LOOPBACK.test(adminHost),
    "MANAGED_ADMIN_KEY",
    "set when MANAGED_ADMIN_HOST is not an address of this computer alone (127.0.0.1)",
  );
  if (isRegtest) {
    checkOption(network === "regtest", "L402_PROVIDER", "set for every network except regtest");
    // Its buyer pays for whoever asks.
    checkOption(LOOPBACK.test(host), "MANAGED_HOST", "127.0.0.1 on regtest, because the test buyer pays every request");
  } else {
    checkOption(
      database.url !== undefined || database.folder !== undefined,
      "DATABASE_URL or MANAGED_FOLDER",
      "set, except on regtest. DATABASE_URL is a Postgres server, and MANAGED_FOLDER a folder for an embedded database",
    );
  }
}
