import { createHash, randomBytes } from "node:crypto";
import { busy } from "../database/database.ts";
import type { Notices } from "../merchants/notices.ts";
import type { SolvencyCheck } from "../operator/solvency.ts";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import type { PublicSigningKey, SigningKeys } from "./signing-keys.ts";

export interface BalanceRoot {
  /** A JSON text, and the signature of exactly this text by the last of the keys. */
  statement: string;
  /** Base64url. */
  signature: string;
  keys: PublicSigningKey[];
}

export interface BalanceProof extends BalanceRoot {
  /** What the root says is owed to the merchant; null where it has nothing of theirs. */
  leaf: { merchantId: string; balanceMsat: number; cursor: number; nonce: string } | null;
  /** From the leaf up: what stands beside it. */
  path: { side: "left" | "right"; hash: string; sumMsat: number }[];
}

interface RootRow {
  number: number;
  at: Date;
  statement: string;
  signature: Uint8Array;
  key_id: number;
}

interface BalanceRootParts {
  settings: Settings;
  keys: SigningKeys;
  solvency: SolvencyCheck;
  notices: Notices;
}

export type BalanceRoots = ReturnType<typeof createBalanceRoots>;

const LOCK = "balance roots";
const NOTHING = "0".repeat(64);

/**
 * What the service owes to all merchants together, signed about once a day. Each merchant can check that their balance is
 * in it; who was left out, or has less in it than their statement says, holds the proof of that.
 */
export function createBalanceRoots({ settings, keys, solvency, notices }: BalanceRootParts) {
  const { database, clock, network, balanceRootSeconds } = settings;

  async function find(where: string, values: unknown[] = []): Promise<RootRow | undefined> {
    const [row] = await database.query<RootRow>(`select * from managed.balance_roots ${where}`, values);
    return row;
  }
  const latest = () => find("order by number desc limit 1");

  /** What the node holds by its own word; null where it cannot say. */
  const held = async (): Promise<number | null> => {
    const { spendableMsat, heldMsat } = await solvency
      .measure()
      .catch(() => ({ spendableMsat: undefined, heldMsat: 0 }));
    return spendableMsat === undefined ? null : heldMsat;
  };

  async function publish(before: RootRow | undefined): Promise<void> {
    const number = (before?.number ?? 0) + 1;
    const at = clock();
    // Of one that broke off.
    await database.query(
      `delete from managed.balance_nodes where root_number >= $1
        and not exists (select 1 from managed.balance_roots where number >= $1)`,
      [number],
      { isLong: true },
    );
    const first = await held();
    const [top] = await database.query<{ root: Uint8Array; total: number }>(
      "select * from managed.build_balance_tree($1, $2)",
      [number, randomBytes(32)],
      { isLong: true },
    );
    const second = await held();
    // Money that came or went meanwhile is in one of the two only.
    const nodeMsat = first === null || second === null ? null : Math.max(first, second);
    const statement = JSON.stringify({
      service: "L402 managed service",
      ...{ network, number, at: at.toISOString() },
      root: top ? Buffer.from(top.root).toString("hex") : NOTHING,
      totalMsat: top?.total ?? 0,
      nodeMsat,
      previous: before ? hashOf(before.statement) : null,
    });
    const key = await keys.current();
    // SECURITY: who loses the lock meanwhile may find another process's tree here, which this root would call a lie
    // (balance-roots.test.ts, "loses its lock").
    const signed = await database.query(
      `insert into managed.balance_roots (number, at, statement, signature, key_id) select $1, $2, $3, $4, $5
        where (select hash from managed.balance_nodes where root_number = $1 order by level desc limit 1) is not distinct from $6
        returning number`,
      [number, at, statement, key.sign(statement), key.id, top?.root ?? null],
    );
    if (signed.length === 0) return;
    await database.query("delete from managed.balance_nodes where root_number < $1", [number], { isLong: true });
  }

  /** The keys up to the one that signed. */
  async function view({ statement, signature, key_id }: RootRow): Promise<BalanceRoot> {
    const all = await keys.list(key_id);
    return { statement, signature: Buffer.from(signature).toString("base64url"), keys: all };
  }

  return {
    /** Signs a new root if the last one is too old. Other processes on the database leave it to this one. */
    async keepFresh(): Promise<void> {
      // Or signed by a clock that was ahead.
      const due = (row: RootRow | undefined) =>
        !row || Math.abs(clock().getTime() - row.at.getTime()) >= balanceRootSeconds * 1000;
      if (!due(await latest())) return;
      await database.exclusively(LOCK, async () => {
        const before = await latest();
        if (due(before)) await publish(before);
      });
    },

    /** The newest, or the one with that number. */
    async root(number?: number): Promise<BalanceRoot | undefined> {
      const row = number === undefined ? await latest() : await find("where number = $1", [number]);
      return row && view(row);
    },

    /**
     * SECURITY: what a merchant is shown of others are sums without names, beside their own path and nothing else
     * (balance-roots.test.ts, "names nobody").
     */
    async proof(merchantId: string): Promise<BalanceProof | undefined> {
      // One statement, or the next root would take away the nodes.
      const [row] = await database.query<RootRow & LeafRow>(PROOF, [merchantId]);
      if (!row) return undefined;
      const { sum_msat: balanceMsat, cursor, nonce, path } = row;
      const leaf = nonce && { merchantId, balanceMsat, cursor, nonce: Buffer.from(nonce).toString("hex") };
      return { ...(await view(row)), leaf, path: leaf ? path : [] };
    },

    /** The next roots are signed with a new key, which this one endorses. Answers its public half. */
    async rotateKey(): Promise<string> {
      const publicKey = await database.exclusively(LOCK, () => keys.rotate());
      if (publicKey === busy)
        throw problem("ALREADY_UNDER_WAY", "A balance root is being signed. Try again in a few seconds.", 5);
      await notices.alarm("signing-key", `The service signs balances with a new key from now on: ${publicKey}`);
      return publicKey;
    },
  };
}

interface LeafRow {
  sum_msat: number;
  cursor: number;
  nonce: Uint8Array | null;
  path: BalanceProof["path"];
}

const PROOF = `
  with newest as (select * from managed.balance_roots order by number desc limit 1),
    leaf as (select n.* from managed.balance_nodes n join newest on n.root_number = newest.number where n.merchant_id = $1)
  select newest.*, leaf.sum_msat, leaf.cursor, leaf.nonce,
    (select coalesce(json_agg(json_build_object('side', case when s.position % 2 = 0 then 'left' else 'right' end,
        'hash', encode(s.hash, 'hex'), 'sumMsat', s.sum_msat) order by s.level), '[]')
      from generate_series(0, 62) l(level) join managed.balance_nodes s
        on s.root_number = leaf.root_number and s.level = l.level and s.position = ((leaf.position >> l.level) # 1)) path
  from newest left join leaf on true`;

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
