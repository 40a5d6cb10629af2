import { randomBytes } from "node:crypto";
import { sqlState } from "../database/database.ts";
import { problem } from "../problem.ts";
import { randomId, sha256 } from "../random-id.ts";
import type { Settings } from "../settings.ts";
import type { AddressBook } from "./address-book.ts";
import type { Notices } from "./notices.ts";
import type { SendableRange } from "./sendable-range.ts";

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

/** A merchant whose owner has proven to be it. */
export interface Owner extends Merchant {
  isOwner: true;
}

export interface Registration {
  merchant: Merchant;
  /** For the seller's app: makes invoices, and reads. */
  apiKey: string;
  /** For the owner alone: withdraws, and changes the address. */
  ownerKey: string;
}

export type Merchants = ReturnType<typeof createMerchants>;

const COLUMNS = `id, lightning_address, mode, key_hash is not null has_key, next_address, next_address_at, parked_at,
  payout_failures, next_payout_at, min_sendable_msat, max_sendable_msat`;
const REMEMBERED_MS = 5_000;
const MAX_REMEMBERED = 10_000;

const newKey = (prefix: string) => `${prefix}_${randomBytes(32).toString("base64url")}`;

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

  interface NewMerchant {
    id: string;
    address: string;
    mode?: Merchant["mode"];
    apiKey?: string;
    ownerKey?: string;
  }

  async function insert({ id, address, mode = "custodial", apiKey, ownerKey }: NewMerchant): Promise<void> {
    const [hash, ownerHash] = [apiKey, ownerKey].map((key) => (key === undefined ? null : sha256(key)));
    await database.query(
      `insert into managed.merchants (id, lightning_address, key_hash, owner_key_hash, mode, created_at, next_payout_at)
        values ($1, $2, $3, $4, $5, $6, $6)`,
      [id, address, hash, ownerHash, mode, clock()],
    );
  }

  return {
    byId: (id: string) => find("id = $1", id),

    /**
     * Whoever has a merchant's API key, or its owner's key.
     *
     * SECURITY: only hashes of keys are kept, so that the database opens no account (merchants.test.ts, "keeps no key").
     */
    async byKey(key: string): Promise<Merchant> {
      const found = await recall(key, () => find("key_hash = $1 or owner_key_hash = $1", sha256(key)));
      if (!found)
        throw problem("KEY_WRONG", "This API key does not belong to any account. Check that you copied all of it.");
      return found;
    },

    /**
     * SECURITY: the key that a seller's app has cannot move money; only the owner's can (merchants.test.ts, "an app's key
     * moves no money").
     */
    async byOwnerKey(key: string): Promise<Owner> {
      const found = await find("owner_key_hash = $1", sha256(key));
      if (found) return { ...found, isOwner: true };
      await this.byKey(key);
      throw problem(
        "KEY_WRONG",
        "This operation needs the owner key (l402o_…), which you received together with the API key.",
      );
    },

    /**
     * A merchant that is nothing but its address. There is one for each, made when it is first named: `beforeAsking` may
     * throw before a stranger's server is asked.
     */
    async byAddress(text: string, beforeAsking = () => {}): Promise<Merchant> {
      const address = book.check(text);
      const found = await recall(`@${address}`, () => find("key_hash is null and lightning_address = $1", address));
      if (found) return found;
      beforeAsking();
      const range = await book.probe(address);
      try {
        await insert({ id: randomId(), address });
      } catch (error) {
        // Another request was as quick.
        if (sqlState(error) !== "23505") throw error;
      }
      const merchant = (await find("key_hash is null and lightning_address = $1", address)) as Merchant;
      await this.learnRange(merchant.id, range);
      return merchant;
    },

    /** The keys are told this once. */
    async register(text: string, mode: Merchant["mode"] = "custodial"): Promise<Registration> {
      const address = book.check(text);
      const range = mode === "direct" ? await book.probeDirect(address) : await book.probe(address);
      const [id, apiKey, ownerKey] = [randomId(), newKey("l402m"), newKey("l402o")];
      await insert({ id, address, mode, apiKey, ownerKey });
      await this.learnRange(id, range);
      return { merchant: (await find("id = $1", id)) as Merchant, apiKey, ownerKey };
    },

    /** Without a range: it takes anything, as far as is known. */
    async learnRange(id: string, range: SendableRange | undefined): Promise<void> {
      await database.query(
        "update managed.merchants set min_sendable_msat = $2, max_sendable_msat = $3 where id = $1",
        [id, range?.min ?? null, range?.max ?? null],
      );
    },

    /**
     * SECURITY: a slip, or somebody else, must not lead payouts away unnoticed: they go to the old address for a while,
     * and there is a notice (merchants.test.ts, "changes an address only after").
     */
    async changeAddress(merchant: Owner, text: string): Promise<{ address: string; from: Date }> {
      const address = book.check(text);
      await (merchant.mode === "direct" ? book.probeDirect(address) : book.probe(address));
      const from = new Date(clock().getTime() + addressHoldSeconds * 1000);
      await database.query("update managed.merchants set next_address = $2, next_address_at = $3 where id = $1", [
        merchant.id,
        address,
        from,
      ]);
      await notices.tell(merchant.id, "address-change", `From ${from.toISOString()} on, payouts go to ${address}.`);
      return { address, from };
    },

    /**
     * Asks an address again that was known not to take so much: it may have changed, and nobody else would ask. Nothing where
     * it takes it now, or does not say: a payout finds out.
     */
    async refreshRange(id: string, address: string, amountMsat: number): Promise<SendableRange | undefined> {
      const range = await book.probe(address, amountMsat).catch(() => undefined);
      await this.learnRange(id, range);
      return range;
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
        await notices.tell(id, "address-changed", `Payouts now go to ${lightning_address}.`);
    },

    /** Another key in the place of one that may have leaked. The old one opens nothing, in other processes 5 s later. */
    async changeKey(owner: Owner, which: "api" | "owner"): Promise<string> {
      const [column, prefix] = which === "api" ? ["key_hash", "l402m"] : ["owner_key_hash", "l402o"];
      const key = newKey(prefix as string);
      await database.query(`update managed.merchants set ${column} = $2 where id = $1`, [owner.id, sha256(key)]);
      remembered.clear();
      await notices.tell(
        owner.id,
        "key-changed",
        `The ${which === "api" ? "API" : "owner"} key was replaced. The old key no longer works.`,
      );
      return key;
    },

    async resumePayouts(merchant: Owner): Promise<void> {
      await database.query(
        "update managed.merchants set parked_at = null, payout_failures = 0, next_payout_at = $2 where id = $1",
        [merchant.id, clock()],
      );
    },
  };
}
