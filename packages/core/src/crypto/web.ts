import { bytesOf, toBase64Url, toHex } from "../bytes.ts";

// SHA-256 and HMAC for runtimes without node:crypto. WebCrypto only has asynchronous digests, and waiting for one costs
// far more than computing it here.

export { fromBase64 as bytesOfBase64, toBase64Url as base64OfBytes } from "../bytes.ts";

const BLOCK = 64;

export const sha256 = (message: Uint8Array): Uint8Array => digest(INITIAL, message, 0);

export const sha256Hex = (message: Uint8Array): string => toHex(sha256(message));

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
  /** The same of a text's UTF-8, as base64url. */
  signText(text: string): string;
}

/** HMAC-SHA256 with a key that is used often: it keeps the hash states after its padded block. */
export function createSigner(secret: Uint8Array): Signer {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  const padded = (pad: number) => {
    const state = INITIAL.slice();
    const block = new Uint8Array(BLOCK).fill(pad);
    key.forEach((byte, i) => {
      block[i] = pad ^ byte;
    });
    compress(state, block, 0);
    return state;
  };
  const inner = padded(0x36);
  const outer = padded(0x5c);
  const sign = (bytes: Uint8Array) => digest(outer, digest(inner, bytes, BLOCK), BLOCK);
  return { sign, signText: (text) => toBase64Url(sign(bytesOf(text))) };
}

/** HMAC-SHA256 with a key that is used once. */
export const hmacSha256 = (secret: Uint8Array, bytes: Uint8Array): Uint8Array => createSigner(secret).sign(bytes);

/** A text as base64url of its bytes, without padding. */
export const base64OfText = (text: string): string => toBase64Url(bytesOf(text));

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8.
const [ROUNDS, INITIAL] = constants();

function constants(): [Int32Array, Int32Array] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  return [
    Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  ];
}

/** Hashes `message` after `hashed` bytes (whole blocks) that led to `initial`. */
function digest(initial: Int32Array, message: Uint8Array, hashed: number): Uint8Array {
  const state = initial.slice();
  const whole = message.length & -BLOCK;
  for (let i = 0; i < whole; i += BLOCK) compress(state, message, i);

  const rest = message.length - whole;
  const tail = new Uint8Array(rest < BLOCK - 8 ? BLOCK : 2 * BLOCK);
  tail.set(message.subarray(whole));
  tail[rest] = 0x80;
  const view = new DataView(tail.buffer);
  const bytes = hashed + message.length;
  view.setUint32(tail.length - 8, Math.floor(bytes / 2 ** 29));
  view.setUint32(tail.length - 4, bytes << 3);
  for (let i = 0; i < tail.length; i += BLOCK) compress(state, tail, i);

  const result = new Uint8Array(32);
  const out = new DataView(result.buffer);
  state.forEach((word, i) => {
    out.setInt32(4 * i, word);
  });
  return result;
}

const schedule = new Int32Array(64);

function compress(state: Int32Array, block: Uint8Array, offset: number): void {
  const w = schedule;
  for (let i = 0, p = offset; i < 16; i++, p += 4) {
    w[i] = (at(block, p) << 24) | (at(block, p + 1) << 16) | (at(block, p + 2) << 8) | at(block, p + 3);
  }
  for (let i = 16; i < 64; i++) {
    const x = at(w, i - 15);
    const y = at(w, i - 2);
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUNDS, i) + at(w, i)) | 0;
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
    state[i] = (at(state, i) + word) | 0;
  });
}

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));
const at = (array: Int32Array | Uint8Array, i: number) => array[i] as number;
