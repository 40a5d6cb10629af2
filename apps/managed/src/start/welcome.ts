import type { StartSettings } from "./read-environment.ts";
import type { Running } from "./start-service.ts";

/** What is printed at the start: what runs, and what to do next. */
export function welcome(settings: StartSettings, running: Running): string {
  const { url, adminUrl, adminKey, databaseName, payoutThresholdSats } = running;
  const where = settings.isRegtest
    ? "regtest: real Lightning between nodes in this process. Play money, no real bitcoin. Set L402_PROVIDER for another backend."
    : `${settings.network}: real payments. Balances are other people's money until they are paid out.`;
  const key = settings.adminKey === undefined ? `\n  password ${adminKey}   (made up for this run)` : "";
  const facts = `L402 managed service · ${where}

  API      ${url}   (${url}/openapi.json)
  Books    ${databaseName}
  Operator ${adminUrl}   any user name${key}
`;
  if (!settings.isRegtest) return facts;
  return `${facts}
Try it in another terminal: register an address, make an invoice, let the buyer pay it, and see the money.

${tour(url)
  .map((line) => `  ${line}`)
  .join("\n")}

From ${payoutThresholdSats} sats on, a balance is paid out to the address within seconds: look again.
In an app: createManaged({ url: "${url}", apiKey }) of @l402/managed. Ctrl+C ends this.
`;
}

/** Lines for a shell, to be copied as they are. */
const tour = (url: string) => [
  `ACCOUNT=$(curl -s ${url}/v1/merchants -d '{"lightningAddress":"you@${new URL(url).host}"}'); echo $ACCOUNT`,
  `KEY=$(echo $ACCOUNT | grep -o 'l402m_[^"]*')`,
  `INVOICE=$(curl -s ${url}/v1/invoices -H "Authorization: Bearer $KEY" -d '{"amountMsat":150000}'); echo $INVOICE`,
  `curl -s ${url}/regtest/pay -d "{\\"bolt11\\":\\"$(echo $INVOICE | grep -o 'lnbcrt[^"]*')\\"}"; echo`,
  `curl -s ${url}/v1/balance -H "Authorization: Bearer $KEY"; echo`,
  `curl -s ${url}/v1/statement.csv -H "Authorization: Bearer $KEY"`,
];
