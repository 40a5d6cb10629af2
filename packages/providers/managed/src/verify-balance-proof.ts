import { bytesFromBase64, bytesFromHex, hexFromBytes } from "@l402/backend";
import { isL402Error, L402Error } from "@l402/core";

/** The answer of the service to `GET /v1/balance-proof`. */
export interface BalanceProof {
  statement: string;
  signature: string;
  keys: { publicKey: string; endorsement: string | null }[];
  leaf: { merchantId: string; balanceMsat: number; cursor: number; nonce: string } | null;
  path: { side: "left" | "right"; hash: string; sumMsat: number }[];
}

export interface ProvenBalance {
  /** The debt to you that the service has signed: the available balance and the part that is set aside. */
  balanceMsat: number;
  /** The cursor of the last line of your statement that the balance includes. */
  cursor: number;
  /** The number of the root. Two different roots with one number prove that the service lies. */
  number: number;
  at: Date;
  network: string;
  /** The debt of the service to all merchants. */
  totalMsat: number;
  /** The balance of the service's node, as the service claims it; null if it cannot tell. */
  nodeMsat: number | null;
  /** The key that signed. It differs from yours if the service has changed its key. */
  publicKey: string;
}

const HEX = /^[0-9a-f]{64}$/;
const MAX_DEPTH = 64;
const FORMAT = "It does not have the expected format.";

/**
 * Checks that a service has signed its debt to you, and that this debt is part of the total that it states. Compare the
 * result with your own statement. `publicKey` is the key that you have noted down; keys that it endorses are valid too.
 * Throws PROVIDER_BAD_RESPONSE if a check fails.
 */
export async function verifyBalanceProof(proof: BalanceProof, trusted: TrustedMerchant): Promise<ProvenBalance> {
  try {
    return await verify(proof, trusted);
  } catch (error) {
    throw isL402Error(error) ? error : wrong(FORMAT);
  }
}

export interface TrustedMerchant {
  /** The merchant id of your account. */
  merchantId: string;
  publicKey: string;
}

async function verify(proof: BalanceProof, { merchantId, publicKey }: TrustedMerchant): Promise<ProvenBalance> {
  const signer = await followKeys(proof.keys, publicKey);
  if (!(await isSigned(signer, proof.signature, proof.statement)))
    throw wrong("The signature of its statement is not valid.");
  const { number, at, network, root, totalMsat, nodeMsat } = JSON.parse(proof.statement);
  // SECURITY: a service that leaves a merchant out has no leaf to show (balance-roots.test.ts, "was left out").
  if (!proof.leaf) throw wrong("It contains no balance for this account: the service claims that it owes you nothing.");
  const { balanceMsat, cursor, nonce } = proof.leaf;
  if (proof.leaf.merchantId !== merchantId) throw wrong("It is about another merchantId.");

  let hash = await sha256(byte(0), fromHex(nonce), int64(balanceMsat), int64(cursor), utf8(merchantId));
  let sumMsat = balanceMsat;
  if (proof.path.length > MAX_DEPTH) throw wrong("Its path has too many steps.");
  for (const { side, ...beside } of proof.path) {
    const [own, other] = [
      [int64(sumMsat), hash],
      // SECURITY: int64 refuses negative sums, which would hide debts to others (verify-balance-proof.test.ts).
      [int64(beside.sumMsat), fromHex(beside.hash)],
    ];
    const [left, right] = side === "left" ? [other, own] : [own, other];
    hash = await sha256(byte(1), ...(left as Uint8Array[]), ...(right as Uint8Array[]));
    sumMsat += beside.sumMsat;
  }
  int64(sumMsat);
  if (hexFromBytes(hash) !== root || sumMsat !== totalMsat)
    throw wrong("The balance is not part of the total that the service signed.");
  // SECURITY: with a date that is none, an old proof would never look old (verify-balance-proof.test.ts, "a date that is
  // none").
  const isDated = typeof at === "string" && !Number.isNaN(Date.parse(at)) && Number.isSafeInteger(number);
  if (!isDated || typeof network !== "string" || (nodeMsat !== null && !Number.isSafeInteger(nodeMsat)))
    throw wrong(FORMAT);
  return { balanceMsat, cursor, number, at: new Date(at), network, totalMsat, nodeMsat, publicKey: signer };
}

/** Follows the endorsements from the trusted key to the key that signs now. */
async function followKeys(keys: BalanceProof["keys"], trusted: string): Promise<string> {
  const start = keys.findIndex(({ publicKey }) => publicKey === trusted);
  if (start < 0) throw wrong("The publicKey that you trust is not among the keys of the service.");
  let signer = trusted;
  for (const { publicKey, endorsement } of keys.slice(start + 1)) {
    const text = `The L402 managed service signs with ${publicKey} from now on.`;
    if (!endorsement || !(await isSigned(signer, endorsement, text)))
      throw wrong("The service changed its key without a signature by the previous key.");
    signer = publicKey;
  }
  return signer;
}

async function isSigned(publicKey: string, signature: string, text: string): Promise<boolean> {
  const [raw, signed] = [bytesFromBase64(publicKey), bytesFromBase64(signature)];
  if (!raw || !signed) return false;
  try {
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signed, utf8(text));
  } catch {
    return false;
  }
}

const wrong = (text: string) =>
  new L402Error("PROVIDER_BAD_RESPONSE", `The balance proof is not valid. ${text}`, {
    hint: "Keep the proof, compare it with your statement, and ask the operator of the managed service.",
  });

const utf8 = (text: string) => new TextEncoder().encode(text);
const byte = (value: number) => Uint8Array.of(value);

function int64(value: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(value) || value < 0)
    throw wrong("One of its amounts is not a whole number of msat from 0.");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = HEX.test(text) ? bytesFromHex(text) : undefined;
  if (!bytes) throw wrong("One of its hashes does not have 64 hexadecimal characters.");
  return bytes;
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}
