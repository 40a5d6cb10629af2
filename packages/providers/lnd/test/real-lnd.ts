import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { freePorts } from "./free-ports.ts";
import { type GuardedProgram, startGuarded } from "./guarded-program.ts";
import { startRealChain } from "./real-chain.ts";
import { trustingFetch } from "./trusting-fetch.ts";
import { until } from "./until.ts";

const CHANNEL_SATS = 1_000_000;

/** What the README tells to bake. */
const PERMISSIONS = {
  sell: ["invoices:read", "invoices:write"],
  pay: ["offchain:read", "offchain:write"],
} as const;

interface Peer {
  address: string;
  info(): Promise<{ identity_pubkey: string }>;
}

/** Three LND nodes, alice → bob → carol, each arrow a channel, on a chain of their own. */
export async function startRealLnds(programs: string) {
  const folder = mkdtempSync(`${tmpdir()}/l402-lnd-`);
  const [chainPort = 0, ...ports] = await freePorts(10);
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const chain = await startRealChain(`${programs}/btcd`, folder, chainPort);
    ends.push(chain.close);
    const toChain = [`--btcd.rpchost=127.0.0.1:${chainPort}`, `--btcd.rpccert=${chain.certFile}`];
    const start = async (name: string) => {
      const node = await startNode(`${programs}/lnd`, `${folder}/${name}`, ports.splice(0, 3), toChain);
      ends.push(node.kill);
      return node;
    };
    const [alice, bob, carol] = await Promise.all([start("alice"), start("bob"), start("carol")]);
    for (const node of [alice, bob, carol]) await node.untilReady();

    await chain.fund(await alice.newAddress(), await bob.newAddress());
    await Promise.all([alice.openChannel(bob), bob.openChannel(carol)]);
    // With six confirmations, the network hears of a channel.
    await chain.mine(6);
    const route = `/v1/graph/routes/${(await carol.info()).identity_pubkey}/1000`;
    await until("alice knows a route to carol", async () => (await alice.ask("GET", route)).routes?.length);
    return { alice, bob, carol, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startNode(program: string, folder: string, ports: number[], toChain: readonly string[]) {
  const [rpc, rest, peers] = ports;
  const url = `https://127.0.0.1:${rest}`;
  const args = [
    ...[`--lnddir=${folder}`, "--noseedbackup", "--bitcoin.regtest", "--bitcoin.node=btcd", ...toChain],
    ...["--btcd.rpcuser=u", "--btcd.rpcpass=p", "--bitcoin.defaultchanconfs=1", "--trickledelay=50"],
    ...[`--rpclisten=127.0.0.1:${rpc}`, `--restlisten=127.0.0.1:${rest}`, `--listen=127.0.0.1:${peers}`],
  ];
  const log = `${folder}.log`;
  let lnd: GuardedProgram;
  let send: typeof fetch | undefined;
  const tlsCert = () => readFileSync(`${folder}/tls.cert`, "utf8");
  const macaroons = { sell: "", pay: "" };

  /** As the node's owner. */
  async function ask(method: "GET" | "POST", path: string, body?: object) {
    send ??= trustingFetch(tlsCert());
    const macaroon = readFileSync(`${folder}/data/chain/bitcoin/regtest/admin.macaroon`, "hex");
    const headers = { "Grpc-Metadata-Macaroon": macaroon };
    const response = await send(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.message}`);
    return answer;
  }
  const info = (): Promise<{ identity_pubkey: string; synced_to_chain: boolean }> => ask("GET", "/v1/getinfo");
  const start = async () => {
    lnd = await startGuarded(log, program, args);
  };
  const bake = async (permissions: readonly string[]): Promise<string> => {
    const list = permissions.map((each) => each.split(":")).map(([entity, action]) => ({ entity, action }));
    return (await ask("POST", "/v1/macaroon", { permissions: list })).macaroon;
  };

  await start();
  return {
    url,
    macaroons,
    ask,
    info,
    get tlsCert() {
      return tlsCert();
    },
    get fetch() {
      return trustingFetch(tlsCert());
    },
    address: `127.0.0.1:${peers}`,
    start,
    kill: () => lnd.kill(),
    /** It stands still, as if its computer did; connections stay open. */
    hang() {
      lnd.signal("SIGSTOP");
      return () => lnd.signal("SIGCONT");
    },
    async untilReady(): Promise<void> {
      const isReady = async () => {
        if (lnd.hasEnded()) throw new Error(readFileSync(log, "utf8").slice(-4_000));
        return (await info()).synced_to_chain;
      };
      await until("LND has started", isReady);
      for (const kind of ["sell", "pay"] as const) macaroons[kind] = await bake(PERMISSIONS[kind]);
    },
    newAddress: async (): Promise<string> => (await ask("GET", "/v1/newaddress?type=WITNESS_PUBKEY_HASH")).address,
    async openChannel(to: Peer): Promise<void> {
      const pubkey = (await to.info()).identity_pubkey;
      await ask("POST", "/v1/peers", { addr: { pubkey, host: to.address } });
      const order = { node_pubkey_string: pubkey, local_funding_amount: String(CHANNEL_SATS), sat_per_vbyte: "5" };
      // Both sides have to have seen the block with the money.
      await until("a channel is funded", () => ask("POST", "/v1/channels", order));
    },
    /** When nothing is under way. */
    async balanceMsat(): Promise<number> {
      let msat = Number.NaN;
      await until("payments have come to an end", async () => {
        const answer = await ask("GET", "/v1/balance/channels");
        msat = Number(answer.local_balance.msat);
        return answer.unsettled_local_balance.msat === "0" && answer.unsettled_remote_balance.msat === "0";
      });
      return msat;
    },
  };
}
