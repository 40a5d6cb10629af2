/** What is not reached and why, for docs/performance.md. */
export const REASONS = `- **G1, G2: verifying.** Three hashes take 0.8 µs, and verifying takes some 3 µs. Hand-made code that trusts its
  input takes 1.4 µs on the same machine. What we add: the header is checked to its last character, base64 has one spelling
  only, every field of the claims is checked although they are signed, and formats of tokens can be replaced, so header, token
  and preimage are read in three steps and not in one. We keep that.
- **G3: binary macaroons.** Five HMACs are ten hashes, 2.5 µs. The rest is text: base64 with padding, caveats, hex.
- **G4: refusing.** The line was drawn for a verifier that parses JSON when the signature holds. Ours hardly does more for a
  valid credential than for a forged one: both need the decoding and two of the three hashes, and the forged one an error.
- **G5: minting.** Two hashes are 0.6 µs of 1.7 µs; the rest is text, made and encoded.
- **G6, G7, G8: the paths of a request.** The engine takes about twice what it should: four promises, a count and its events
  for each paid request. On 402, an abort signal, a timer and a body of two kilobytes come on top. On Hono, merging headers
  makes a \`Headers\` object before and after the handler, and the context copies it once more; what is seen there is more than
  the engine itself. This is the next thing to work on.
- **G9: Redis.** A call of a script costs Redis 4 µs more than a SET when it is for one use: it asks for Redis's time, so that
  no other clock decides, and it tells the call's id, so that one that is sent again counts once. A SET NX does neither. A
  single call waits for the turn of the event loop to end, in which others might join.
- **G14: size.** The engine with its BOLT11 decoder (some 2 KiB) and its texts for errors (1 KiB) does not fit into 6 KiB. The
  limit that is checked is 12.3 kB. Less would take a feature, as all that only repeats is nearly free in gzip.`;
