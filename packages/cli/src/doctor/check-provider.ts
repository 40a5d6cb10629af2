import { providerFrom } from "@l402/config";
import { decodeInvoice, type LightningProvider, type Network } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { type Finding, findingOf, ok, problem, warning } from "./finding.ts";

const MAX_SKEW_SECONDS = 60;

/** Creates one small invoice, which nobody will pay, and looks it up: all that selling needs. */
export async function checkProvider(io: Io, network: Network): Promise<Finding[]> {
  let provider: LightningProvider;
  const findings: Finding[] = [];
  try {
    provider = await providerFrom(io.env, { tell: (sentence) => findings.push(ok(sentence)) });
  } catch (error) {
    return [findingOf("Selling", error, EXIT.usage)];
  }
  try {
    const order = { amountMsat: 1000, description: "l402 doctor: not to be paid", expiresInSeconds: 600 };
    const invoice = await provider.createInvoice({ ...order, signal: AbortSignal.timeout(10_000) });
    const decoded = decodeInvoice(invoice.bolt11);
    findings.push(ok(`${provider.name} creates invoices.`));
    findings.push(
      decoded.network === network
        ? ok(`Its invoices are for the network ${network}.`)
        : problem(
            `Its invoices are for ${decoded.network}, but the network here is ${network}.`,
            `Set L402_NETWORK=${decoded.network}, and the paywall's option network to the same.`,
            EXIT.usage,
          ),
    );
    findings.push(clockFinding((decoded.timestamp.getTime() - io.now().getTime()) / 1000));
    const { status } = await provider.lookupInvoice(invoice, { signal: AbortSignal.timeout(10_000) });
    findings.push(
      status === "open"
        ? ok(`${provider.name} looks invoices up.`)
        : problem(
            `${provider.name} calls a fresh invoice ${status}.`,
            "Check that url points to the right wallet.",
            EXIT.network,
          ),
    );
  } catch (error) {
    findings.push(findingOf("Selling", error, EXIT.network));
  }
  return findings;
}

function clockFinding(aheadSeconds: number): Finding {
  if (Math.abs(aheadSeconds) <= MAX_SKEW_SECONDS) return ok("The clocks here and there agree.");
  const difference = `${Math.round(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? "behind" : "ahead of"}`;
  return warning(
    `The clock here is ${difference} that of the Lightning node.`,
    "Set the clocks by NTP: tokens and invoices expire by them.",
  );
}
