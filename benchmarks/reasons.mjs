/** What is not reached and why, for docs/performance.md. */
export const REASONS = `- **G1, G2: verifying.** Three hashes take 0.8 µs, and verifying takes about four times as long. Hand-made code that
  trusts its input gets to 1.4 µs. What we add: the header is checked to its last character, base64 has one spelling only,
  every field of the claims is checked although they are signed, and a token format can be replaced, so header, token and
  preimage are read in three steps and not in one. We keep that.
- **G4: refusing.** The line was drawn for a verifier that reads JSON after the signature holds. Ours reads little, so a valid
  credential costs hardly more than a forged one: both pay for decoding and for two of the three hashes, and the forged one for
  an error.
- **G6, G7: the paths of a request.** The engine takes about 7 µs for a paid request where 3.5 would do: verifying, and then
  promises, the use store and what it tells its listeners. On 402, a timer and an abort signal for the backend and a body of two
  kilobytes come on top. On Hono, any middleware costs some 3 µs, and response headers that have to be merged cost more.
- **G9, G10:** with one request in flight, a call waits for the turn of the event loop to end, in which others might join it.
- **G14: size.** The engine with its BOLT11 decoder (3 KiB) and its texts for errors (1 KiB) does not fit into 6 KiB. The limit
  that is checked is 12 kB.`;
