import { bytesOf, fromHex, toHex } from "../bytes.ts";

// SHA-256 and HMAC for runtimes without node:crypto. WebCrypto has only asynchronous digests, and waiting for one costs
// far more than computing it here.

export { fromBase64 as bytesOfBase64, toHex as hexOfBytes } from "../bytes.ts";

const BLOCK = 64;

export const sha256 = (message: Uint8Array): Uint8Array => digest(INITIAL, message, 0);

/** Returns the SHA-256, in hex, of 32 bytes given in hex of either case; `undefined` for any other text. */
export function sha256OfHex(hex: string): string | undefined {
  const bytes = hex.length === 64 ? fromHex(hex) : undefined;
  return bytes && toHex(sha256(bytes));
}

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
}

/** Makes a signer for HMAC-SHA256 with a key that is used often: it keeps the hash states after the padded key. */
export function createSigner(secret: Uint8Array): Signer {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  const stateAfter = (pad: number) => {
    const state = INITIAL.slice();
    const block = new Uint8Array(BLOCK);
    block.set(key);
    compress(state, new DataView(block.map((byte) => byte ^ pad).buffer), 0);
    return state;
  };
  const inner = stateAfter(0x36);
  const outer = stateAfter(0x5c);
  return { sign: (bytes) => digest(outer, digest(inner, bytes, BLOCK), BLOCK) };
}

/** Returns the HMAC-SHA256 of bytes, or of a text's UTF-8, with a key that is used once. */
export const hmacSha256 = (secret: Uint8Array, content: Uint8Array | string): Uint8Array =>
  createSigner(secret).sign(typeof content === "string" ? bytesOf(content) : content);

const ROUNDS = /* @__PURE__ */ fractionsOfRoots(64, Math.cbrt);
const INITIAL = /* @__PURE__ */ fractionsOfRoots(8, Math.sqrt);

/** Computes the first 32 fractional bits of the roots of the first primes. */
function fractionsOfRoots(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  return Int32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32);
}

/** Hashes `message`, starting from the state `initial` that `hashed` bytes (whole blocks) led to. */
function digest(initial: Int32Array, message: Uint8Array, hashed: number): Uint8Array {
  // After the message come a 1 bit, zeros, and the total length in bits.
  const padded = new Uint8Array((message.length + 8 + BLOCK) & -BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const blocks = new DataView(padded.buffer);
  blocks.setBigUint64(padded.length - 8, BigInt(8 * (hashed + message.length)));

  const state = initial.slice();
  for (let i = 0; i < padded.length; i += BLOCK) compress(state, blocks, i);
  // The blocks are used up, so their start can hold the result.
  state.forEach((word, i) => {
    blocks.setInt32(4 * i, word);
  });
  return padded.slice(0, 32);
}

// Shared by all calls.
const schedule = /* @__PURE__ */ new Int32Array(64);

/** Adds one more block to the state. */
function compress(state: Int32Array, blocks: DataView, offset: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = blocks.getInt32(offset + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] as number;
    const y = w[i - 2] as number;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + (w[i] as number)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i] as number) + word;
  });
}

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));
