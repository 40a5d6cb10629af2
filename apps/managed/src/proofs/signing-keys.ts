import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Settings } from "../settings.ts";

/** A key as merchants see it: whoever trusts the one before it can check that this one follows. */
export interface PublicSigningKey {
  /** Base64url. */
  publicKey: string;
  /** By the key before it, over `endorsementOf`; null for the first. Base64url. */
  endorsement: string | null;
}

interface KeyRow {
  id: number;
  public_key: Uint8Array;
  private_key: Uint8Array;
  endorsement: Uint8Array | null;
}

export interface SigningKey {
  id: number;
  sign(text: string): Buffer;
}

export type SigningKeys = ReturnType<typeof createSigningKeys>;

/** What a key says of the next one. */
const endorsementOf = (publicKey: string) => `The L402 managed service signs with ${publicKey} from now on.`;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/**
 * The Ed25519 keys that the service signs with. They are in its database: whoever can write there could have anything
 * signed anyway, and every process and backup has them. One at a time may make a key.
 */
export function createSigningKeys({ database, clock }: Settings) {
  const signerOf = ({ id, private_key }: KeyRow): SigningKey => {
    const key = createPrivateKey({ key: Buffer.from(private_key), format: "der", type: "pkcs8" });
    return { id, sign: (text) => sign(null, Buffer.from(text), key) };
  };

  async function newest(): Promise<KeyRow | undefined> {
    const [row] = await database.query<KeyRow>("select * from managed.signing_keys order by id desc limit 1");
    return row;
  }

  async function make(before: KeyRow | undefined): Promise<KeyRow> {
    const { privateKey } = generateKeyPairSync("ed25519");
    const publicKey = rawPublicKey(privateKey);
    const endorsement = before ? signerOf(before).sign(endorsementOf(base64url(publicKey))) : null;
    const [row] = await database.query<KeyRow>(
      `insert into managed.signing_keys (public_key, private_key, endorsement, made_at) values ($1, $2, $3, $4)
        returning *`,
      [publicKey, privateKey.export({ format: "der", type: "pkcs8" }), endorsement, clock()],
    );
    return row as KeyRow;
  }

  return {
    /** Signs as the service does now. */
    current: async (): Promise<SigningKey> => signerOf((await newest()) ?? (await make(undefined))),
    /** A new key in the place of the one that signs, endorsed by it. Answers the new public key. */
    async rotate(): Promise<string> {
      await this.current();
      return base64url((await make(await newest())).public_key);
    },
    /** The oldest first, up to one of them. */
    async list(last: number): Promise<PublicSigningKey[]> {
      const rows = await database.query<KeyRow>(
        "select public_key, endorsement from managed.signing_keys where id <= $1 order by id",
        [last],
      );
      return rows.map(({ public_key, endorsement }) => ({
        publicKey: base64url(public_key),
        endorsement: endorsement && base64url(endorsement),
      }));
    },
  };
}

const rawPublicKey = (key: KeyObject): Buffer =>
  Buffer.from(createPublicKey(key).export({ format: "jwk" }).x as string, "base64url");
