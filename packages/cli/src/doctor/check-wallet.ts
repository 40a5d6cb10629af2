import { walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { type Finding, findingOf, ok, warning } from "./finding.ts";

/** Asks for a payment that was never made: whoever may ask that can find out about a payment whose answer was lost. */
export async function checkWallet(io: Io): Promise<Finding[]> {
  let wallet: LightningWallet;
  const findings: Finding[] = [];
  try {
    wallet = await walletFrom(io.env, { tell: (sentence) => findings.push(ok(sentence)) });
  } catch (error) {
    return [findingOf("Paying", error, EXIT.usage)];
  }
  try {
    const hash = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
    const { status } = await wallet.lookupPayment(hash, { signal: AbortSignal.timeout(10_000) });
    findings.push(
      status === "not-found"
        ? ok(`${wallet.name} answers about payments.`)
        : warning(
            `${wallet.name} cannot tell a payment that was never made.`,
            "After a crash, look up what happened in the wallet itself before paying again.",
          ),
    );
    if (wallet.feeReserveMsat) {
      const sats = wallet.feeReserveMsat(1_000_000) / 1000;
      findings.push(ok(`${wallet.name} has no fee limit; the budget counts ${sats} sats of fee for 1,000 sats.`));
    }
  } catch (error) {
    findings.push(findingOf("Paying", error, EXIT.network));
  }
  return findings;
}
