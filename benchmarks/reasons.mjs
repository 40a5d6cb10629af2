/** What is not reached and why, for docs/performance.md. */
export const REASONS = `These three runs met a host that was slow: next to runs of half a day before, code that had not changed (a Fastify without us,
mppx, x402) took half as much time again. The times named here are from before.

- **G1: verifying.** Three hashes take 0.73 µs, and verifying takes 2.0 µs; the line allows 1.9. Hand-made code that trusts its
  input takes 1.4 µs on the same machine. What we add: the header is checked to its last character, base64 has one spelling
  only, every field of the claims is checked although they are signed, an expiry is a \`Date\`, and formats of tokens can be
  replaced, so header, token and preimage are read in three steps and not in one.
- **G3: macaroons** are a twentieth below their line. Four HMACs of a macaroon and its preimage are nine hashes, 2.4 µs; the
  rest is text: base64 with padding, caveats, hex.
- **G4: refusing.** The line was drawn for a verifier that parses JSON when the signature holds. Ours does 0.7 µs more for a
  valid credential than for a forged one, a hash and the claims: both need the decoding and two of the three hashes.
- **G6: the path of a paid request.** In a server, where each request finds cold caches, the engine takes
  twice the 3.8 µs of a loop of its own: next to a Fastify that answers in 11, that cannot be 0.78. Hand-made code that reads trusted input adds 2.5.
  What we add is named under G1, and the count of the use, the price of the route and the scope of the token. On Hono a \`Headers\`
  object for the two headers of a paid answer comes on top, on Express requests whose properties V8 finds slowly. Fastify and
  Express also note which status was sent, 1 and about 5 µs, as error handlers set another one behind it: without that, whoever
  makes a handler fail behind its answer would have it for nothing.
- **G7: the path of a 402.** It answers with two challenges that every known client can read, and with a body that a program can
  act on: four kilobytes, next to the 35 bytes of the bare handler, which cost the socket 5 µs more. The engine takes 13 µs, an eighth
  of it for the signal that ends a provider's call that takes too long. Reading the invoice and signing the token, which nobody can
  leave out, take all that the line allows.
- **G8: next to x402.** What x402 adds is checking a header; whether it is paid, it asks somebody else.
- **G9: Redis.** A call of a script costs Redis 4 µs more than a SET when it is for one use: it asks for Redis's time, so that
  no other clock decides, and it tells the call's id, so that one that is sent again counts once. A SET NX does neither. A
  single call waits for the turn of the event loop to end, in which others might join. Of a client's CPU time with 64 in flight,
  a quarter is ours, and four tenths is writing to the socket, once for 32 uses; with fewer writes, Redis would wait for uses.
- **G13: the import** took 7.1 to 7.6 ms before, and 8.5 to 9.1 on the slow host.
- **G14: size.** The engine with its BOLT11 decoder (some 2 KiB) and its texts for errors (1 KiB) does not fit into 6 KiB. The
  limit that is checked is 12.6 kB. Less would take a feature, as all that only repeats is nearly free in gzip.`;
