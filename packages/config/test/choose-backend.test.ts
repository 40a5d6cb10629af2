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
