/** What is not reached and why, for docs/performance.md. */
export const REASONS = `- **G1: verifying.** Three hashes take 0.73 µs, and verifying takes 2.0 µs; the line allows 1.9. Hand-made code that trusts its
  input takes 1.4 µs on the same machine. What we add: the header is checked to its last character, base64 has one spelling
  only, every field of the claims is checked although they are signed, an expiry is a \`Date\`, and formats of tokens can be
  replaced, so header, token and preimage are read in three steps and not in one.
- **G2: next to fast-jwt** is at its line: medians of runs of one day went from 2.72 to 3.03.
- **G4: refusing.** The line was drawn for a verifier that parses JSON when the signature holds. Ours does 0.7 µs more for a
  valid credential than for a forged one, a hash and the claims: both need the decoding and two of the three hashes.
- **G6: the path of a paid request.** On Fastify and Hono, code written by hand for this one route, which trusts its input, does not
  reach the line here either (first table). In a server, each request finds cold caches, and the same code takes twice the time of a
  loop of its own. What we add to it is named under G1. Fastify and Express also note which status was sent, 1 µs on Fastify, as
  error handlers set another one behind it: without that, whoever makes a handler fail behind its answer would have it for nothing.
  On Express, Node 20 and 22 make a hidden class for each request and response whenever something is put on it, since Express
  has changed its prototype: \`req.l402\` and two functions on the response cost some 15 µs each. On Node 24 they cost 3, and Express
  itself takes a third of the time.
- **G7: the path of a 402.** By hand, it does not reach the line either: reading the invoice and signing the token cannot be left
  out. Ours answers with two challenges that every known client can read, and with a body that a program can
  act on: four kilobytes, which cost the socket 5 µs more. The rest is the time limit for the provider, and the checks of what it says.
- **G8: next to x402.** What x402 adds is checking a header; whether it is paid, it asks somebody else. The sale written by hand
  does not reach this line either.
- **G9: Redis.** A call of a script costs Redis 4 µs more than a SET when it is for one use: it asks for Redis's time, so that
  no other clock decides, and it tells the call's id, so that one that is sent again counts once. A SET NX does neither. A
  single call waits for the turn of the event loop to end, in which others might join. Of a client's CPU time with 64 in flight,
  a quarter is ours, and four tenths is writing to the socket, once for 32 uses; with fewer writes, Redis would wait for uses.
- **G13: the import.** Node takes some 3 ms for any module, 0.7 for each further file, and 5 for reading and starting this one. The
  engine with its decoder of invoices is in two files; in one, as a bundler makes it, it is near the line.
- **G14: size.** The engine with its BOLT11 decoder (some 2 KiB) and its texts for errors (1 KiB) does not fit into 6 KiB. The
  limit that is checked is 12.9 kB. Less would take a feature, as all that only repeats is nearly free in gzip.`;
