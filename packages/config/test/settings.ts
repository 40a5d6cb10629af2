/** A value that each variable of each backend takes; what is secret says so. */
export const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lnd: {
    LND_URL: "https://127.0.0.1:8080",
    LND_MACAROON: "0201036c6e645ec2e75ec2e75ec2e75ec2e75ec2e75ec2e7",
    LND_PRIVATE_ROUTE_HINTS: "true",
  },
  cln: {
    CLN_URL: "https://127.0.0.1:3010",
    CLN_RUNE: "secretrune5ec2e7_-secretrune5ec2e7_-secretrune",
    CLN_PRIVATE_ROUTE_HINTS: "true",
  },
  alby: {
    ALBY_URL: `nostr+walletconnect://${"a".repeat(64)}?relay=wss://relay.example&secret=${"5ec2e7ab".repeat(8)}`,
  },
  blink: {
    BLINK_API_KEY: "blink_secret5ec2e7secret5ec2e7",
    BLINK_WALLET_ID: "11111111-2222-3333-4444-555555555555",
    BLINK_URL: "https://api.staging.blink.example/graphql",
  },
  btcpay: {
    BTCPAY_URL: "https://btcpay.example",
    BTCPAY_STORE_ID: "storeid",
    BTCPAY_API_KEY: "secret5ec2e7secret5ec2e7secret5ec2e7",
    BTCPAY_PRIVATE_ROUTE_HINTS: "true",
  },
  lnbits: {
    LNBITS_URL: "https://lnbits.example",
    LNBITS_INVOICE_KEY: "5ec2e75ec2e75ec2e75ec2e75ec2e75e",
    LNBITS_ADMIN_KEY: "ad5ec2e7ad5ec2e7ad5ec2e7ad5ec2e7",
  },
  phoenixd: {
    PHOENIXD_URL: "http://127.0.0.1:9740",
    PHOENIXD_PASSWORD: "secret5ec2e7secret5ec2e7",
  },
  opennode: {
    OPENNODE_API_KEY: "secret5ec2e7-c2e7-secret",
    OPENNODE_URL: "https://api.opennode.example",
  },
  lnurl: {
    LNURL_ADDRESS: "seller@pay.example",
    LNURL_PREIMAGE_PROVES_PAYMENT: "false",
  },
  managed: {
    MANAGED_URL: "https://managed.example",
    MANAGED_API_KEY: "secret5ec2e7secret5ec2e7",
    MANAGED_DIRECT: "true",
  },
  "lightning-charge": {
    LIGHTNING_CHARGE_URL: "https://charge.example",
    LIGHTNING_CHARGE_API_TOKEN: "secret5ec2e7secret5ec2e7",
  },
};

export const settingsOf = (name: string): Readonly<Record<string, string>> => SETTINGS[name] ?? {};

/** What marks the secret ones. */
export const SECRET = /5ec2e7/i;
