import { readFileSync } from "node:fs";
import { startGuarded } from "./guarded-program.ts";
import { trustingFetch } from "./trusting-fetch.ts";
import { until } from "./until.ts";

/** Of a script that everyone may spend without a signature: OP_TRUE, in P2WSH. */
const ANYONES_ADDRESS = "bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85";
const OP_TRUE = "51";
const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** SegWit is active after three windows of 144 blocks. The first coinbase can be spent after a hundred. */
const FIRST_BLOCKS = 3 * 144;
const REWARD_SATS = 5_000_000_000;

/** A btcd with a chain of its own. */
export async function startRealChain(program: string, folder: string, port: number) {
  const certFile = `${folder}/btcd.cert`;
  const rpc = ["--rpcuser=u", "--rpcpass=p", `--rpclisten=127.0.0.1:${port}`];
  const files = [`--datadir=${folder}/btcd`, `--logdir=${folder}/btcd`, "--configfile=/dev/null"];
  const cert = [`--rpccert=${certFile}`, `--rpckey=${folder}/btcd.key`];
  const args = ["--regtest", "--nolisten", "--nodnsseed", "--txindex", `--miningaddr=${ANYONES_ADDRESS}`];
  const btcd = await startGuarded(`${folder}/btcd.log`, program, [...args, ...rpc, ...files, ...cert]);

  let send: typeof fetch | undefined;
  async function call(method: string, ...params: unknown[]) {
    send ??= trustingFetch(readFileSync(certFile, "utf8"));
    const authorization = `Basic ${Buffer.from("u:p").toString("base64")}`;
    const body = JSON.stringify({ jsonrpc: "1.0", id: 1, method, params });
    const response = await send(`https://127.0.0.1:${port}`, { method: "POST", headers: { authorization }, body });
    const { result, error } = await response.json();
    if (error) throw new Error(`btcd: ${method}: ${error.message}`);
    return result;
  }
  const mine = (blocks: number): Promise<unknown> => call("generate", blocks);

  await until("btcd answers", () => call("getblockcount").then(() => true));
  await mine(FIRST_BLOCKS);
  return {
    certFile,
    mine,
    close: btcd.kill,
    /** Shares the first block's reward among addresses of the kind P2WPKH. */
    async fund(...addresses: string[]): Promise<void> {
      const { tx } = await call("getblock", await call("getblockhash", 1), 1);
      const sats = Math.floor(REWARD_SATS / addresses.length) - 10_000;
      await call("sendrawtransaction", spending(tx[0], sats, addresses), true);
      await mine(1);
    },
  };
}

/** A transaction that spends the first output of another, which paid to everyone's address. */
function spending(transactionId: string, sats: number, addresses: readonly string[]): string {
  const version = "02000000";
  const input = `01${Buffer.from(transactionId, "hex").reverse().toString("hex")}0000000000ffffffff`;
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(sats));
  const outputs = addresses.map((address) => `${value.toString("hex")}160014${keyHashIn(address)}`);
  return `${version}0001${input}0${addresses.length}${outputs.join("")}0101${OP_TRUE}00000000`;
}

/** From between the prefix with the version and the checksum. */
const keyHashIn = (address: string): string =>
  [...address.slice("bcrt1q".length, -6)]
    .reduce((sum, character) => sum * 32n + BigInt(BECH32.indexOf(character)), 0n)
    .toString(16)
    .padStart(40, "0");
