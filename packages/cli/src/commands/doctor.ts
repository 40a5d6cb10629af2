import { checkProvider } from "../doctor/check-provider.ts";
import { checkSettings } from "../doctor/check-settings.ts";
import { checkWallet } from "../doctor/check-wallet.ts";
import type { Finding } from "../doctor/finding.ts";
import { EXIT } from "../exit-codes.ts";
import { green, type Io, red, yellow } from "../io.ts";
import type { Arguments } from "../read-arguments.ts";

/** Looks at everything that a sale or a purchase needs, and says what to do where it does not work. */
export async function doctorCommand(args: Arguments, io: Io): Promise<number> {
  const settings = checkSettings(io, args.statePath);
  const sells = !io.env.L402_WALLET || Boolean(io.env.L402_PROVIDER);
  const pays = !io.env.L402_PROVIDER || Boolean(io.env.L402_WALLET);
  const findings = [
    ...(await settings),
    ...(sells ? await checkProvider(io, args.network) : []),
    ...(pays ? await checkWallet(io) : []),
  ];
  if (args.json) io.stdout(`${JSON.stringify({ findings })}\n`);
  else for (const finding of findings) io.stdout(inWords(finding, io));
  return findings.find(({ level }) => level === "problem")?.exitCode ?? EXIT.ok;
}

const SIGNS = { ok: green, warning: yellow, problem: red };
const MARKS = { ok: "✓", warning: "!", problem: "✗" };

const inWords = ({ level, text, fix }: Finding, io: Io) =>
  `${SIGNS[level](io, MARKS[level])} ${text}${fix ? ` → ${fix}` : ""}\n`;
