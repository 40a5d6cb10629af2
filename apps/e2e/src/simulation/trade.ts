import { attenuateToken, formatCredential } from "@l402/core";
import { BODY_FORMS } from "./buyer.ts";
import { MOVED, ROUTES, resourceOf } from "./routes.ts";
import type { World } from "./run-world.ts";
import { BODY_LENGTH } from "./simulation.ts";
import { pause } from "./virtual-time.ts";

const HOUR_MS = 3_600_000;
const PATHS = [...Object.keys(ROUTES), ...Object.keys(MOVED), "/nothing"];

/** Some calls, at once or over minutes or hours, while processes die, and clocks are set. */
export async function trade(world: World): Promise<void> {
  const { random, time, faults, sellers, thief, buyers } = world;
  const { chance, pick, whole } = random;
  const isRobbed = chance(0.15);
  const paths = isRobbed
    ? [pick("/here", "/moving")]
    : pick([pick(...PATHS)], ["/news/a", "/news/b"], ["/many"], PATHS);
  const rounds = whole(5, 30);
  const gapMs = (2 * pick(60_000, 600_000, HOUR_MS)) / rounds;
  let isOver = false;
  const act = async () => {
    for (let round = 0; round < rounds; round++) {
      await pause(chance(0.4) ? whole(0, 20) : whole(0, gapMs));
      const buyer = pick(...buyers);
      const path = pick(...paths);
      const { method = "GET" } = ROUTES[path] ?? MOVED[path] ?? {};
      const apartMs = pick(0, 0, 15_000);
      for (let calls = !isRobbed && chance(0.2) ? whole(2, pick(5, 15)) : 1; calls > 0; calls--) {
        const body = "x".repeat(whole(1, 40));
        const { origin } = isRobbed ? thief : pick(...sellers);
        const fetch = () => buyer.fetch(origin + path, method, body, pick(...BODY_FORMS));
        const again = async () => pause(whole(0, 10_000)).then(fetch);
        let isWaiting = true;
        void fetch().then(({ outcome }) => {
          isWaiting = false;
          return !isRobbed && outcome === 503 && chance(0.7) ? again() : undefined;
        });
        // Who waits for long asks once more, perhaps in another process.
        if (!isRobbed && chance(0.5)) pause(whole(10_000, 20_000)).then(() => void (isWaiting && fetch()));
        if (calls > 1) await pause(whole(0, apartMs));
      }
      if (chance(faults.buyerDies)) pause(whole(0, 3000)).then(() => buyer.replaceProcess());
      if (chance(faults.sellerDies)) pick(...sellers).replaceServer();
      if (chance(faults.clock)) pick(...sellers).setClock();
      if (chance(faults.clockSteps)) buyer.setClocks(pick(0, -HOUR_MS, HOUR_MS, 3 * HOUR_MS));
      if (chance(faults.handsOn)) void handOn(world);
      if (chance(faults.handsOn)) void showUnpaid(world);
      if (chance(0.05)) buyer.resume().catch(() => {});
    }
    isOver = true;
  };
  void act();
  await time.run(Number.POSITIVE_INFINITY, () => isOver);
}

/** Somebody makes a narrower token, and gives it to a stranger who tries to get more out of it. */
async function handOn({ random, time, sellers, lightning, shown, tokens, strangersFetch }: World): Promise<void> {
  const { chance, pick, whole } = random;
  if (shown.length === 0) return;
  const { token, preimage, paymentHash } = pick(...shown);
  const seller = sellers.find(({ origin }) => origin === lightning.invoices.get(paymentHash)?.seller);
  const sale = seller?.sales.get(paymentHash);
  // A token can have no more than two limits of uses.
  if (!seller || !sale || seller.parts.get(token)?.length === 2) return;
  const uses = whole(1, 3);
  const resource = chance(0.3) ? `GET ${sale.path}` : undefined;
  const expiresAt = chance(0.3) ? new Date(time.now() + whole(1000, pick(10_000, 600_000))) : undefined;
  const part = attenuateToken(token, { uses, resource, expiresAt });
  seller.handOn(token, part, { paymentHash, uses, resource, expiresAt });
  tokens.add(part);
  const authorization = formatCredential(part, preimage);
  const all = Object.keys(ROUTES);
  const paths = pick(
    [sale.path],
    all.filter((path) => resourceOf(path) === resourceOf(sale.path)),
    all,
  );
  if (expiresAt && chance(0.5)) await pause(expiresAt.getTime() - time.now() + 20_000);
  for (let tries = whole(1, 8); tries > 0; tries--) {
    const path = pick(...paths);
    const { method = "GET" } = ROUTES[path] ?? {};
    const body = method === "POST" ? "x".repeat(whole(1, 40)) : undefined;
    const headers = { authorization, [BODY_LENGTH]: String(body?.length) };
    const answer = strangersFetch(seller.origin + path, { method, headers, ...(body && { body }) });
    answer.then((answer) => answer.text()).catch(() => {});
    const leftMs = sale.expiresAt - time.now();
    await pause(pick(0, 0, leftMs > 0 && leftMs < HOUR_MS ? leftMs : whole(0, 300_000)));
  }
}

/** Somebody shows the preimage of an invoice that nobody has paid: some nodes give it away. */
async function showUnpaid({ random, sellers, lightning, strangersFetch }: World): Promise<void> {
  const seller = random.pick(...sellers);
  const path = random.pick(...Object.keys(ROUTES));
  const ask = (headers = {}) =>
    strangersFetch(seller.origin + path, { method: ROUTES[path]?.method ?? "GET", headers });
  const { token, paymentHash } = await ask()
    .then((answer) => answer.json())
    .catch(() => ({}));
  const invoice = lightning.invoices.get(paymentHash);
  if (!invoice || seller.provesPayment) return;
  for (let tries = 2; tries > 0; tries--) {
    const answer = await ask({ authorization: formatCredential(token, invoice.preimage) }).catch(() => undefined);
    await answer?.text().catch(() => {});
  }
}
