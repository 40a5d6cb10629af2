import { randomBytes } from "node:crypto";
import { walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { inSats } from "../words.ts";
import { askWithin } from "./ask-within.ts";
import { type Finding, findingOf, ok, problem, warning } from "./finding.ts";
import { mayPay } from "./lnd-permissions.ts";

/**
 * Looks up a payment that was never made. If the wallet allows that, it can also look up a payment whose answer was
 * lost. Whether a key may pay, only the macaroon of LND says.
 */
export async function checkWallet(io: Io): Promise<Finding[]> {
  let wallet: LightningWallet;
  const findings: Finding[] = [];
  try {
    const tell = (sentence: string) => void findings.push(ok(sentence));
    wallet = await askWithin({ name: "The wallet", role: "wallet" }, io, () => walletFrom(io.env, { tell }));
  } catch (error) {
    return [findingOf("Wallet", error, EXIT.usage, io, "wallet")];
  }
  try {
    const hash = randomBytes(32).toString("hex");
    const asked = { name: wallet.name, role: "wallet" } as const;
    const { status } = await askWithin(asked, io, (signal) => wallet.lookupPayment(hash, { signal }));
    findings.push(
      status === "not-found"
        ? ok(`${wallet.name} can look up payments.`)
        : warning(
            "LOOKUP_UNKNOWN",
            `${wallet.name} cannot look up the outcome of a payment.`,
            "Use a key that may look up payments, if there is one. Otherwise, after a payment without an answer, look into the wallet before you pay again.",
          ),
    );
    findings.push(permissionFinding(wallet.name, io));
    if (wallet.feeReserveMsat) {
      const fee = inSats(wallet.feeReserveMsat(1_000_000));
      findings.push(
        ok(`${wallet.name} has no fee limit, so l402 reserves a fee of ${fee} for a payment of 1,000 sats.`),
      );
    }
  } catch (error) {
    findings.push(findingOf("Wallet", error, EXIT.network, io, "wallet"));
  }
  return findings;
}

function permissionFinding(name: string, { env }: Io): Finding {
  const allowed = name === "lnd" ? mayPay(env.LND_MACAROON) : undefined;
  if (allowed) return ok("The macaroon of lnd allows payments.");
  if (allowed === undefined)
    return ok(`Whether the key of ${name} may pay is not visible without a payment. Make a small one to find out.`);
  return problem(
    "KEY_CANNOT_PAY",
    "The macaroon of lnd does not allow payments.",
    "Set LND_MACAROON to what `lncli bakemacaroon offchain:read offchain:write` prints.",
    EXIT.usage,
  );
}
