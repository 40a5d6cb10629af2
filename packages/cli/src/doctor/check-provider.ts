import { providerFrom } from "@l402/config";
import { decodeInvoice, type LightningProvider, type Network } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { askWithin } from "./ask-within.ts";
import { clockFinding } from "./clock-finding.ts";
import { type Finding, findingOf, ok, problem } from "./finding.ts";

/** Creates one small invoice, which is never paid, and looks it up. A sale needs nothing more. */
export async function checkProvider(io: Io, network: Network): Promise<Finding[]> {
  let provider: LightningProvider;
  const findings: Finding[] = [];
  try {
    provider = await providerFrom(io.env, { tell: (sentence) => void findings.push(ok(sentence)) });
  } catch (error) {
    return [findingOf("Backend", error, EXIT.usage, io, "provider")];
  }
  try {
    const order = { amountMsat: 1000, description: "l402 doctor: do not pay", expiresInSeconds: 600 };
    const asked = { name: provider.name, role: "provider" } as const;
    const invoice = await askWithin(asked, io, (signal) => provider.createInvoice({ ...order, signal }));
    const decoded = decodeInvoice(invoice.bolt11);
    findings.push(ok(`${provider.name} creates invoices.`));
    findings.push(
      decoded.network === network
        ? ok(`The invoices of ${provider.name} are for the network ${network}.`)
        : problem(
            "NETWORK_MISMATCH",
            `The invoices of ${provider.name} are for the network ${decoded.network}, but the network set here is ${network}.`,
            `Set L402_NETWORK=${decoded.network}, and the option network of createPaywall to the same.`,
            EXIT.usage,
          ),
    );
    findings.push(clockFinding((decoded.timestamp.getTime() - Date.now()) / 1000, provider.name));
    const { status } = await askWithin(asked, io, (signal) => provider.lookupInvoice(invoice, { signal }));
    findings.push(
      status === "open"
        ? ok(`${provider.name} can look up invoices.`)
        : problem(
            "INVOICE_NOT_OPEN",
            `${provider.name} reports a new, unpaid invoice as ${status}.`,
            "Check that the settings of this backend lead to the right wallet.",
            EXIT.network,
          ),
    );
  } catch (error) {
    findings.push(findingOf("Backend", error, EXIT.network, io, "provider"));
  }
  return findings;
}
