export const USAGE = `l402 is curl for what costs money: it fetches from the web, and where a server answers
"402 Payment Required" it pays the invoice over the Lightning Network and asks again.
Prices are in sats: 1 sat is a hundred-millionth of a bitcoin.

  l402 demo                 see it work: a sale with play money, on this computer
  l402 quote <url>          what would it cost? Nothing is paid, and no wallet is needed
  l402 fetch <url>          fetch it, and pay what it asks for, up to a limit
  l402 inspect <url>        for sellers: can my server be paid, and is there a way around it?
  l402 decode <text>        read an invoice, a token or a header; offline. "-" reads stdin
  l402 doctor [url]         what is wrong with my wallet, my node or my settings?
  l402 tokens list          what was bought and can still be used, and what was spent
  l402 tokens resume        what became of payments that may have been made? Nothing is paid
  l402 tokens forget <origin>, or <payment hash>, or --all
  l402 mcp                  for agents: a server of the Model Context Protocol, with a budget

Options of fetch, quote and inspect, as those of curl:
  -X, --request <method>    GET, or POST where there is data
  -H, --header "Name: value"
  -A, --user-agent <name>
  -d, --data <text>         or @file, or @- for stdin; --data-raw sends a @ as it is
  -m, --max-time <seconds>  give up after that. A payment that is on its way by then is exit code 5
  -L, -S, --compressed      change nothing: it follows redirects, shows errors and unpacks anyway
Options of fetch:
  --max-sats <n>            pay no more than this for the request, fees included. Without it,
                            L402_MAX_SATS decides, and then 1000. It cannot exceed L402_MAX_SATS
  --dry-run                 do everything but pay
  -i, --include             print status and headers before the body
  -I, --head                only ask for the headers; nothing is bought
  -f, --fail                where the answer is an HTTP error, do not print it, and exit with 7, or
                            with 6 if it was paid for
  -o, --output <file>       write the body into a file
  -s, --silent              only print the body, and errors
For all:
  --json                    answer in JSON on stdout, and nothing on stderr
  --network <name>          bitcoin, testnet, signet, simnet or regtest. Without it: L402_NETWORK,
                            and then bitcoin
  --state <file>            where purchases are kept. Without it: L402_STATE, and then
                            ~/.l402/client.json, or for regtest client-regtest.json beside it
  -h, --help    --version

The wallet comes from the environment. With one that speaks Nostr Wallet Connect, as Alby Hub does:
  export L402_WALLET=alby ALBY_URL='nostr+walletconnect://…'
Others: lnd, cln, blink, btcpay, lnbits, phoenixd, or a file of yours: L402_WALLET=./my-wallet.mjs.
"l402 doctor" says what is missing. L402_MAX_SATS_PER_HOUR, _PER_DAY, _PER_ORIGIN and _TOTAL limit
all requests together.

Exit codes:
  0  done. An HTTP error such as 404 counts as done, as with curl; --json has the status
  1  a bug of the command. Money may have moved: run l402 tokens resume
  2  the command or a setting is wrong. Nothing was paid
  3  it costs more than you allow. Nothing was paid
  4  not bought: the payment failed, or what the server asks for is not sound. Nothing was paid
  5  the payment may be on its way. Run the same command again: it finds out, and never pays twice
  6  paid, but refused, not served or broken off. What is still good is kept, and used the next time
  7  the network or the server failed. Nothing was paid
`;

/** Makes an error for a wrong use of the command. */
export const usageError = (message: string) => Object.assign(new Error(message), { isUsage: true as const });

export const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && (error as { isUsage?: boolean }).isUsage === true;
