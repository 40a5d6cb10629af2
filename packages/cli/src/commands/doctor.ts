import { checkProvider } from "../doctor/check-provider.ts";
import { checkServer } from "../doctor/check-server.ts";
import { checkSettings } from "../doctor/check-settings.ts";
import { checkState } from "../doctor/check-state.ts";
import { checkStore } from "../doctor/check-store.ts";
import { checkWallet } from "../doctor/check-wallet.ts";
import { type Finding, findingOf } from "../doctor/finding.ts";
import { EXIT } from "../exit-codes.ts";
import { type Io, signOf } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import type { Arguments } from "../read-arguments.ts";
import { readUrl } from "../read-request.ts";

/** Checks everything that a purchase or a sale needs, and says what to do if something does not work. */
export async function doctorCommand(args: Arguments, io: Io): Promise<number> {
  const url = args.positionals.length > 0 ? readUrl("doctor", args.positionals) : undefined;
  const { env } = io;
  const sells = Boolean(env.L402_PROVIDER || env.L402_SECRET || env.L402_STORE);
  const buys = Boolean(env.L402_WALLET) || !sells;
  const findings: Finding[] = [];
  const wrongNetwork = networkProblem(args, io);
  const checks = wrongNetwork
    ? [() => [wrongNetwork]]
    : [
        () => checkSettings(args, io, { sells, buys }),
        ...(buys ? [() => checkState(args, io), () => checkWallet(io)] : []),
        ...(sells ? [() => checkProvider(io, args.network), () => checkStore(io, args.network)] : []),
        ...(url ? [() => checkServer(url, io)] : []),
      ];
  for (const check of checks) {
    const found = await check();
    // If the user stopped the check, that is no finding.
    if (io.signal.reason?.name === "AbortError") io.signal.throwIfAborted();
    findings.push(...found);
    if (!args.json) await io.stdout(found.map((finding) => inWords(finding, io)).join(""));
  }
  if (args.json) await io.stdout(jsonLine({ healthy: !findings.some(isProblem), findings }));
  return findings.find(isProblem)?.exitCode ?? EXIT.ok;
}

/** A problem if the network is unknown. Without it, nothing else can be judged. */
function networkProblem(args: Arguments, io: Io): Finding | undefined {
  try {
    args.network;
    return undefined;
  } catch (error) {
    return findingOf("Network", error, EXIT.usage, io);
  }
}

const isProblem = ({ level }: Finding) => level === "problem";

const inWords = ({ level, text, fix }: Finding, io: Io) =>
  `${signOf(level, io.colours.stdout)} ${text}${fix ? ` → ${fix}` : ""}\n`;
