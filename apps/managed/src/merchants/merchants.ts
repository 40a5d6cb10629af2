import { randomBytes } from "node:crypto";
import { sqlState } from "../database/database.ts";
import { problem } from "../problem.ts";
import { randomId, sha256 } from "../random-id.ts";
import type { Settings } from "../settings.ts";
import type { AddressBook } from "./address-book.ts";
import type { Notices } from "./notices.ts";

export interface Merchant {
  id: string;
  lightning_address: string;
  mode: "custodial" | "direct";
  has_key: boolean;
  next_address: string | null;
  next_address_at: Date | null;
  parked_at: Date | null;
  payout_failures: number;
  next_payout_at: Date;
  min_sendable_msat: number | null;
  max_sendable_msat: number | null;
}

export type Merchants = ReturnType<typeof createMerchants>;

const COLUMNS = `id, lightning_address, mode, key_hash is not null has_key, next_address, next_address_at, parked_at,
  payout_failures, next_payout_at, min_sendable_msat, max_sendable_msat`;
const REMEMBERED_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/** Who sells through the service. */
export function createMerchants(
  { database, clock, addressHoldSeconds }: Settings,
  book: AddressBook,
  notices: Notices,
) {
  const remembered = new Map<string, { merchant: Merchant; at: number }>();

  async function find(where: string, value: unknown): Promise<Merchant | undefined> {
    const [found] = await database.query<Merchant>(`select ${COLUMNS} from managed.merchants where ${where}`, [value]);
    return found;
  }

  /** Keys are asked for with every request. */
  async function recall(key: string, load: () => Promise<Merchant | undefined>): Promise<Merchant | undefined> {
    const known = remembered.get(key);
    if (known && performance.now() - known.at < REMEMBERED_MS) return known.merchant;
    const merchant = await load();
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (merchant) remembered.set(key, { merchant, at: performance.now() });
    return merchant;
  }

  async function insert(id: string, address: string, keyHash: Buffer | null, mode: Merchant["mode"]): Promise<void> {
    await database.query(
      `insert into managed.merchants (id, lightning_address, key_hash, mode, created_at, next_payout_at)
        values ($1, $2, $3, $4, $5, $5)`,
      [id, address, keyHash, mode, clock()],
    );
  }

  return {
    byId: (id: string) => find("id = $1", id),

    /** SECURITY: only the hash of a key is kept, so that the database opens no account (merchants.test.ts, "keeps no key"). */
    async byKey(apiKey: string): Promise<Merchant> {
      const found = await recall(apiKey, () => find("key_hash = $1", sha256(apiKey)));
      if (!found) throw problem("KEY_WRONG", "This API key belongs to nobody. Check that it was copied whole.");
      return found;
    },

    /** A merchant that is nothing but its address. There is one for each, made when it is first named. */
    async byAddress(text: string): Promise<Merchant> {
      const address = book.check(text);
      const found = await recall(`@${address}`, () => find("key_hash is null and lightning_address = $1", address));
      if (found) return found;
      const range = await book.probe(address);
      try {
        await insert(randomId(), address, null, "custodial");
      } catch (error) {
        // Another request was as quick.
        if (sqlState(error) !== "23505") throw error;
      }
      const merchant = (await find("key_hash is null and lightning_address = $1", address)) as Merchant;
      await this.learnRange(merchant.id, range);
      return merchant;
    },

    async register(text: string, mode: Merchant["mode"]): Promise<{ merchant: Merchant; apiKey: string }> {
      const address = book.check(text);
      const range = mode === "direct" ? await book.probeDirect(address) : await book.probe(address);
      const [id, apiKey] = [randomId(), `l402m_${randomBytes(32).toString("base64url")}`];
      await insert(id, address, sha256(apiKey), mode);
      await this.learnRange(id, range);
      return { merchant: (await find("id = $1", id)) as Merchant, apiKey };
    },

    async learnRange(id: string, range: { min: number; max: number } | undefined): Promise<void> {
      if (!range) return;
      await database.query(
        "update managed.merchants set min_sendable_msat = $2, max_sendable_msat = $3 where id = $1",
        [id, range.min, range.max],
      );
    },

    /**
     * SECURITY: a stolen key must not lead the money away at once, and its owner hears of it (merchants.test.ts, "changes
     * an address only after").
     */
    async changeAddress(merchant: Merchant, text: string): Promise<{ address: string; from: Date }> {
      const address = book.check(text);
      await book.probe(address);
      const from = new Date(clock().getTime() + addressHoldSeconds * 1000);
      await database.query("update managed.merchants set next_address = $2, next_address_at = $3 where id = $1", [
        merchant.id,
        address,
        from,
      ]);
      await notices.tell(merchant.id, "address-change", `Payouts go to ${address} from ${from.toISOString()} on.`);
      return { address, from };
    },

    /** Addresses whose time has come. */
    async applyAddressChanges(): Promise<void> {
      const changed = await database.query<{ id: string; lightning_address: string }>(
        `update managed.merchants set lightning_address = next_address, next_address = null, next_address_at = null,
          min_sendable_msat = null, max_sendable_msat = null, payout_failures = 0, parked_at = null, next_payout_at = $1
          where next_address_at <= $1 returning id, lightning_address`,
        [clock()],
      );
      for (const { id, lightning_address } of changed)
        await notices.tell(id, "address-changed", `Payouts go to ${lightning_address} now.`);
    },

    async resumePayouts(merchant: Merchant): Promise<void> {
      await database.query(
        "update managed.merchants set parked_at = null, payout_failures = 0, next_payout_at = $2 where id = $1",
        [merchant.id, clock()],
      );
    },
  };
}
