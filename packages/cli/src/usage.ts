export const USAGE = `l402: pay for web resources over Lightning, and look before you pay.

  l402 fetch <url>      fetch it, and pay what it asks for, within the budget
  l402 quote <url>      what it would cost
  l402 inspect <url>    whether its challenge is sound, in every detail
  l402 decode <text>    an invoice, a token or a header, offline
  l402 doctor           check wallet, provider, network, clock and budget
  l402 tokens list      what was bought and is not used up
  l402 tokens forget [origin]
  l402 demo             a sale on real Lightning with play money, on this computer

Options of fetch, quote and inspect:
  -X, --request <method>   -H, --header <line>   -d, --data <text or @file>
Options of fetch:
  -i, --include    show status and headers       -o, --output <file>
  -s, --silent     no story on stderr            --dry-run   do everything but pay
  --max-sats <n>   for this request, fee included; default 1000
Everywhere:
  --json           for programs                  --network <name>  default bitcoin
  --state <file>   default ~/.l402/client.json   --help

The wallet comes from the environment: L402_WALLET=lnd with LND_URL and LND_MACAROON, for example. L402_MAX_SATS_PER_HOUR
and L402_MAX_SATS_PER_DAY limit all requests together.

Exit codes: 0 ok, 2 usage, 3 over budget, 4 payment failed, 5 outcome of a payment unknown, 6 server refused a paid
credential, 7 network.`;

/** A mistake in how the command was called. */
export const usageError = (message: string) => Object.assign(new Error(message), { isUsage: true as const });

export const isUsageError = (error: unknown): error is Error =>
  error instanceof Error &&
  ((error as { isUsage?: boolean }).isUsage === true ||
    /^ERR_PARSE_ARGS_/.test(String((error as { code?: unknown }).code)));
