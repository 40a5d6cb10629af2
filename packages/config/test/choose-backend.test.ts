import { describe, expect, it } from "vitest";
import { providerFrom, walletFrom } from "../src/index.ts";
import { settingsOf } from "./settings.ts";

const WALLETS = "lnd, cln, alby, blink, btcpay, lnbits or phoenixd";

describe("which backend", () => {
  it("takes the one that is named, whatever else is set", async () => {
    const told: string[] = [];
    const env = { ...settingsOf("lnd"), ...settingsOf("cln"), L402_PROVIDER: "cln" };
    await providerFrom(env, { tell: (sentence) => void told.push(sentence) });
    expect(told).toEqual(["The Lightning backend is cln, because L402_PROVIDER names it."]);
  });

  it("pays with the seller's backend where no wallet is named, and with the wallet where one is", async () => {
    const told: string[] = [];
    const tell = (sentence: string) => void told.push(sentence);
    const env = { ...settingsOf("lnd"), ...settingsOf("alby"), L402_PROVIDER: "lnd" };
    await walletFrom(env, { tell });
    await walletFrom({ ...env, L402_WALLET: "alby" }, { tell });
    expect(told).toEqual([
      "The Lightning wallet is lnd, because L402_PROVIDER names it.",
      "The Lightning wallet is alby, because L402_WALLET names it.",
    ]);
  });

  it("does not guess between two", async () => {
    await expect(providerFrom({ ...settingsOf("lnd"), ...settingsOf("cln") })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "The variables of lnd and cln are all set, so the Lightning backend is ambiguous.",
      hint: "Set L402_PROVIDER=lnd or L402_PROVIDER=cln.",
    });
  });

  it("shows the way where nothing is set", async () => {
    await expect(walletFrom({})).rejects.toMatchObject({
      message: "No Lightning wallet is configured.",
      hint: `Set L402_WALLET=alby and ALBY_URL, the connection string of a Nostr Wallet Connect wallet. Other values of L402_WALLET are ${WALLETS.replace("alby, ", "").replace(" or ", " and ")}.`,
    });
    await expect(providerFrom({})).rejects.toMatchObject({ message: "No Lightning backend is configured." });
    await expect(providerFrom(undefined as never)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      hint: "Pass process.env, a Worker's env or an object of your own.",
    });
  });

  it("refuses a backend without preimages as a wallet, before anything is loaded or paid", async () => {
    for (const name of ["opennode", "lnurl", "managed", "lightning-charge"]) {
      await expect(walletFrom({ ...settingsOf(name), L402_WALLET: name })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        fundsMoved: "no",
        message: expect.stringContaining(`${name} cannot be used as a wallet`),
        hint: `Set L402_WALLET to ${WALLETS}.`,
      });
    }
    const seller = { ...settingsOf("opennode"), L402_PROVIDER: "opennode" };
    await expect(walletFrom(seller)).rejects.toMatchObject({
      hint: `Set L402_WALLET to ${WALLETS}. For selling, L402_PROVIDER=opennode can stay.`,
    });
  });

  it.each([
    ["lndd", "lnd"],
    ["LND", "lnd"],
    ["phoenix", "phoenixd"],
    ["nwc", "alby"],
    ["c-lightning", "cln"],
    ["lnbit", "lnbits"],
    ["bilnk", "blink"],
  ])("asks for %s whether %s was meant", async (given, meant) => {
    await expect(walletFrom({ L402_WALLET: given })).rejects.toMatchObject({
      message: `L402_WALLET is set to "${given}", which is not the name of a supported wallet.`,
      hint: `Did you mean L402_WALLET=${meant}?`,
    });
  });

  it("lists the names where none is close", async () => {
    await expect(walletFrom({ L402_WALLET: "paypal" })).rejects.toMatchObject({
      hint: `Set L402_WALLET to ${WALLETS}.`,
    });
  });

  it("says how a file's path has to begin, without repeating it", async () => {
    for (const given of ["my-wallet.mjs", "~/wallet.js", "wallets/mine.ts"]) {
      await expect(walletFrom({ L402_WALLET: given })).rejects.toMatchObject({
        message: "L402_WALLET is set to a text that is not the name of a supported wallet.",
        hint: "The path of a file must begin with ./ or /, such as L402_WALLET=./my-wallet.mjs.",
      });
    }
  });

  it("refuses a misspelt name, and pays with no other backend", async () => {
    const shop = { ...settingsOf("lnd"), L402_PROVIDER: "lnd" };
    for (const slip of ["L402_WALET", "L402_WALLETS", "l402_wallet"]) {
      await expect(walletFrom({ ...shop, [slip]: "alby" })).rejects.toMatchObject({
        message: `${slip} is not a known setting.`,
        hint: `Did you mean L402_WALLET? Otherwise remove ${slip}.`,
      });
      expect((await walletFrom({ ...shop, [slip]: "" })).name).toBe("lnd");
    }
    // Another way to pay, whose settings are no slips of ours.
    const other = { X402_WALLET: "0x1", X402_PROVIDER: "y" };
    expect((await walletFrom({ ...shop, ...other })).name).toBe("lnd");
    expect((await providerFrom({ ...settingsOf("lnd"), ...other })).name).toBe("lnd");
    // What a Worker's env may hold besides texts.
    expect((await walletFrom({ ...shop, L402_KV: { get() {} } })).name).toBe("lnd");
    await expect(providerFrom({ ...settingsOf("lnd"), L402_PROVIDR: "cln" })).rejects.toThrow("L402_PROVIDR is not");
  });

  it("says which variable was probably meant", async () => {
    const { LND_URL, LND_MACAROON } = settingsOf("lnd");
    await expect(
      providerFrom({ L402_PROVIDER: "lnd", LND_ULR: LND_URL, LND_MACAROON_HEX: LND_MACAROON }),
    ).rejects.toMatchObject({
      message:
        "lnd needs LND_URL and LND_MACAROON, which are not set. LND_ULR is set. Did you mean LND_URL? " +
        "LND_MACAROON_HEX is set. Did you mean LND_MACAROON?",
    });
  });

  it.each([
    ["btcpay", "BTCPAY_PREIMAGE_PROVE_PAYMENT", "BTCPAY_PREIMAGE_PROVES_PAYMENT", "false"],
    ["btcpay", "BTCPAY_PREIMAGE_PROVES_PAYMENTS", "BTCPAY_PREIMAGE_PROVES_PAYMENT", false],
    ["btcpay", "btcpay_preimage_proves_payment", "BTCPAY_PREIMAGE_PROVES_PAYMENT", "false"],
    ["alby", "ALBY_PREIMAGE_PROOVES_PAYMENT", "ALBY_PREIMAGE_PROVES_PAYMENT", "false"],
    ["lnd", "LND_TLSCERT", "LND_TLS_CERT", "x"],
    ["lnd", "LND_TLS_CERT_PATH", "LND_TLS_CERT", "/home/me/.lnd/tls.cert"],
  ])("refuses a misspelt optional setting of %s: %s", async (name, given, meant, value) => {
    const env = { ...settingsOf(name), L402_PROVIDER: name };
    await expect(providerFrom({ ...env, [given]: value })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `${given} is not a known setting.`,
      hint: `Did you mean ${meant}? Otherwise remove ${given}.`,
    });
    for (const none of ["", undefined, null]) await providerFrom({ ...env, [given]: none });
  });

  it.each([
    ["another program's", "lnd", { LND_DIR: "/home/me/.lnd", LND_NETWORK: "regtest", LND_GRPC_HOST: "a" }],
    ["one of another name", "blink", { LINK_URL: "https://a.example", BLINKS_URL: "https://a.example" }],
    ["one of another backend", "cln", { LND_TLS_CERT: "x" }],
  ])("leaves alone what is no mistake: %s", async (_, name, more) => {
    await providerFrom({ ...settingsOf(name), L402_PROVIDER: name, ...more });
  });

  it("says which backend was probably meant", async () => {
    await expect(providerFrom({ L402_PROVIDER: "lnd", ...settingsOf("cln") })).rejects.toMatchObject({
      message: "lnd needs LND_URL and LND_MACAROON, which are not set.",
      hint: "Set LND_URL and LND_MACAROON. Or use cln, whose variables are all set.",
    });
  });

  it("takes nothing from what every object has", async () => {
    await expect(providerFrom({ L402_PROVIDER: "constructor" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(providerFrom({ L402_PROVIDER: "__proto__" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
