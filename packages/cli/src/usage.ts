export const USAGE = `l402 sends HTTP requests, like curl. If a server answers "402 Payment Required" with a Lightning
invoice, l402 pays the invoice from your wallet, up to a limit, and sends the request again.
Prices are in sats: 100,000,000 sats are 1 bitcoin.

Usage: l402 <command> [options]

  l402 demo                 show a sale with play money on this computer. Needs no wallet
  l402 quote <url>          show the price of a request. Needs no wallet and pays nothing
  l402 fetch <url>          send a request, pay if the server asks for it, and print the answer
  l402 inspect <url>        for sellers: check whether buyers can pay this server, and whether they
                            can get in without paying. Pays nothing
  l402 decode <text>        explain an invoice, a token, an HTTP header or a whole answer (curl -i),
                            offline. "-" reads stdin
  l402 doctor [url]         check your wallet, your Lightning node and your settings. Pays nothing
  l402 tokens list          list what you bought and can still use, and what you spent
  l402 tokens resume        ask the wallet about payments with an unknown outcome. Pays nothing
  l402 tokens forget <origin or payment hash>
                            delete purchases from this list. --all deletes all of them
  l402 mcp                  for AI agents: run an MCP server (Model Context Protocol) with a budget

Options of fetch, quote and inspect, with the same meaning as in curl:
  -X, --request <method>    HTTP method. Default: GET, or POST if there is data
  -H, --header "Name: value"
  -A, --user-agent <name>
  -d, --data <text>         data to send. @file reads a file, @- reads stdin, without line ends.
                            --data-binary keeps line ends. --data-raw sends a leading @ as text.
                            Several are joined with &
  -m, --max-time <seconds>  stop after this time. If a payment is running then, the exit code is 5
  -L, -S, --compressed      have no effect: l402 always follows redirects, shows errors and unpacks
Options of fetch:
  --max-sats <n>            pay at most this for the request, including fees. Default:
                            L402_MAX_SATS, or 1000 if it is not set. Cannot exceed L402_MAX_SATS
  --dry-run                 do everything except paying
  -i, --include             print the status and the headers before the body
  -I, --head                request only the headers. Buys nothing
  -f, --fail                do not print the body of an HTTP error. The exit code is then 7, or 6 if
                            the request was paid
  -o, --output <file>       write the body to a file. - is stdout
  -s, --silent              print only the body and errors
Options of all commands:
  --json                    print one JSON object to stdout, and nothing to stderr
  --network <name>          bitcoin, testnet, signet, simnet or regtest. Default: L402_NETWORK, or
                            bitcoin if it is not set
  --state <file>            file with your purchases. Default: L402_STATE, or ~/.l402/client.json,
                            or ~/.l402/client-<network>.json for other networks than bitcoin
  -h, --help                print this help
  --version                 print the version

Wallet: set it with environment variables. Example for Alby Hub and other wallets with Nostr Wallet
Connect (NWC):
  export L402_WALLET=alby ALBY_URL='nostr+walletconnect://…'
Other values of L402_WALLET are lnd, cln, blink, btcpay, lnbits and phoenixd, or the path of your
own file, such as ./my-wallet.mjs. "l402 doctor" shows which variables are missing.
Limits for all requests together: L402_MAX_SATS_PER_HOUR, L402_MAX_SATS_PER_DAY,
L402_MAX_SATS_PER_ORIGIN and L402_MAX_SATS_TOTAL.

Exit codes:
  0  success. An HTTP error such as 404 is also 0, as in curl; --json prints the status
  1  a bug in l402. Money may have moved: run l402 tokens resume
  2  the command or a setting is wrong. Nothing was paid
  3  the price is above your limit. Nothing was paid
  4  not bought: the payment failed, or the server's payment request is not valid. Nothing was paid
  5  the payment may be running. Run the same command again: it asks the wallet, never pays twice
  6  paid, but the server did not deliver. The purchase is kept and used the next time, if possible
  7  the network or the server failed. Nothing was paid
`;

/** Makes an error for a wrong use of the command. */
export const usageError = (message: string) => Object.assign(new Error(message), { isUsage: true as const });

export const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && (error as { isUsage?: boolean }).isUsage === true;
