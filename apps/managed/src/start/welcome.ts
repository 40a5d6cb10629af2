import type { StartSettings } from "./read-environment.ts";
import type { Running } from "./start-service.ts";

/** What is printed at the start: what runs, and what to do next. */
export function welcome(settings: StartSettings, running: Running): string {
  const { url, adminUrl, adminKey, databaseName, payoutThresholdSats } = running;
  const where = settings.isRegtest
    ? "regtest: real Lightning nodes in this process, with play money. To use another backend, set L402_PROVIDER."
    : `${settings.network}: real payments. Until the payout, balances are the money of other people.`;
  const key = settings.adminKey === undefined ? `\n  password ${adminKey}   (created for this run only)` : "";
  const facts = `L402 managed service · ${where}

  API      ${url}   (${url}/openapi.json)
  Database ${databaseName}
  Operator ${adminUrl}   any user name${key}
`;
  if (!settings.isRegtest) return facts;
  return `${facts}
Try the service in another terminal. These lines register an address, create an invoice, let the test buyer pay it,
and show the balance:

${tour(url)
  .map((line) => `  ${line}`)
  .join("\n")}

A balance of ${payoutThresholdSats} sats or more is paid out to the address within seconds. Then run the last lines again.
In an app: createManaged({ url: "${url}", apiKey }) of @l402/managed. Ctrl+C stops the service.
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
