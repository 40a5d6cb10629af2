import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { installLnbits } from "./install-lnbits.ts";

/** Runs LNbits on a free port until its parent closes standard input, or dies. */
const SERVER = `
import os, socket, sys, sysconfig, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
os.chdir(sysconfig.get_paths()["purelib"])
import uvicorn
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config("lnbits.__main__:app")).run(sockets=[listener])
`;
const EXPIRE = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as database:
    database.execute("UPDATE apipayments SET expiry = 1 WHERE payment_hash = ?", sys.argv[2:])
`;
const PATIENCE_SECONDS = 60;

export interface LnbitsAccount {
  id: string;
  inkey: string;
  adminkey: string;
}

/** A real LNbits of its own: its HTTP API, its books, and a funding source that needs no node. */
export async function startRealLnbits(version: string) {
  const python = await installLnbits(version);
  const folder = await mkdtemp(`${tmpdir()}/l402-lnbits-`);
  const server = spawn(python, ["-c", SERVER], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      LNBITS_DATA_FOLDER: folder,
      LNBITS_EXTENSIONS_PATH: folder,
      LNBITS_EXTENSIONS_MANIFESTS: "[]",
      LNBITS_PRICE_AGGREGATOR_ENABLED: "false",
      LNBITS_EXCHANGE_RATE_PROVIDERS: "[]",
      LNBITS_BACKEND_WALLET_CLASS: "FakeWallet",
      LNBITS_RATE_LIMIT_NO: "1000000",
      AUTH_HTTPS_ONLY: "false",
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  server.stderr.on("data", (part) => {
    log = `${log}${part}`.slice(-4_000);
  });
  const close = async () => {
    server.kill("SIGCONT");
    server.stdin.end();
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = `http://127.0.0.1:${await portOf(server)}`;
    await until(() => fetch(`${url}/api/v1/health`), server);
    const fund = await superuserOf(url);
    return {
      url,
      fund,
      close,
      /** Everything stands still, as if the computer did; connections stay open. */
      hang() {
        server.kill("SIGSTOP");
        return () => void server.kill("SIGCONT");
      },
      createAccount: (name: string): Promise<LnbitsAccount> => send(url, "POST", "/api/v1/account", { name }),
      async expire(paymentHash: string): Promise<void> {
        const database = `${folder}/database.sqlite3`;
        await promisify(execFile)(python, ["-c", EXPIRE, database, paymentHash]);
      },
    };
  } catch (error) {
    await close();
    throw new Error(`LNbits ${version} does not start: ${log}`, { cause: error });
  }
}

async function portOf(server: ChildProcess): Promise<string> {
  const lines = createInterface({ input: server.stdout as NonNullable<typeof server.stdout> });
  for await (const line of lines) {
    const [, port] = /^port (\d+)$/.exec(line) ?? [];
    if (port !== undefined) {
      server.stdout?.resume();
      return port;
    }
  }
  throw new Error("It ended before it listened.");
}

async function until(ask: () => Promise<Response>, server: ChildProcess): Promise<void> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  while (Date.now() < end && server.exitCode === null) {
    const isUp = await ask().then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It does not answer.");
}

/** Takes over the new server, and answers a function that credits a wallet with sats out of nowhere. */
async function superuserOf(url: string) {
  const password = "only on this computer";
  const names = { username: "superuser", password, password_repeat: password };
  const { access_token } = await send(url, "PUT", "/api/v1/auth/first_install", names);
  const authorization = `Bearer ${access_token}`;
  return ({ id }: LnbitsAccount, sats: number): Promise<unknown> =>
    send(url, "PUT", "/users/api/v1/balance", { id, amount: sats }, { authorization });
}

async function send(url: string, method: string, path: string, body: unknown, headers = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
