import type {
  AuthenticToken,
  Decision,
  Granted,
  Instead,
  PageEngine,
  PageVisit,
  PaywallPage,
  PaywallRequest,
} from "@l402/core";
import { cookieAccess, isUnseen } from "./cookie-access.ts";
import { createDresser } from "./dress-reply.ts";
import { createHoldings } from "./holdings.ts";
import { checkOptions, type PageSettings, type PaywallPageOptions } from "./options.ts";
import { prefersHtml } from "./preferences.ts";
import { createProofs } from "./proof.ts";
import { headerOf } from "./request-header.ts";
import { createSeals } from "./seal.ts";
import { createStatusBook } from "./status-book.ts";
import { createStatusDesk } from "./status-desk.ts";
import { createVisitsUnderWay } from "./visits-under-way.ts";

/**
 * Shows a payment page to people, and lets their browser pay and come back: for `createPaywall({ page: paywallPage()
 * })`. Replies to programs stay the same.
 */
export function paywallPage(options: PaywallPageOptions = {}): PaywallPage {
  const settings = checkOptions(options);
  return { open: (engine) => openPage(engine, settings) };
}

function openPage(engine: PageEngine, settings: PageSettings): ReturnType<PaywallPage["open"]> {
  const seals = createSeals(engine.keys);
  const proofs = createProofs(seals);
  const statusOf = createStatusBook(engine);
  const parts = { engine, settings, seals, proofs, statusOf };
  const answerStatus = createStatusDesk(parts);
  const holdingsOf = createHoldings(parts);
  const { dress, passPage } = createDresser(parts);
  const visits = createVisitsUnderWay();

  async function decide(request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Decision> {
    const refuse: Instead = (refusal) => engine.deny(request, refusal);
    const withoutOffer = isUnseen(request) ? refuse : undefined;
    const wantsPage = isPerson && !withoutOffer;
    const access = cookieAccess(request);
    if (access === "none" || (access === "show" && !isPerson)) {
      return dress(request, await visit.decide(undefined, withoutOffer), wantsPage);
    }
    const { tokens, cookies, instead, cannotCheck } = await holdingsOf(request, visit, isPerson);
    const otherwise = withoutOffer ?? instead;
    const hasPass = wantsPage && tokens.length > 0;
    // A pass comes first, and nothing is offered: it only seems used up while another visit of it is being served.
    let decision = await decideBy(visit, tokens, refuse, hasPass ? refuse : otherwise);
    if (hasPass && decision.outcome === "denied" && decision.reply.status === 402) {
      if (isUsedUp(decision)) await visits.endOf(tokens.map(({ claims }) => claims.paymentHash));
      decision = await decideBy(visit, tokens, refuse, otherwise);
    }
    if (decision.outcome === "granted" && access === "show" && decision.payment.remainingUses !== undefined) {
      return passPage(request, await visitsLeft(decision), cookies);
    }
    const followed = decision.outcome === "granted" ? visits.follow(decision) : decision;
    return dress(request, followed, wantsPage, { cookies, cannotCheck });
  }

  return async (request, visit) => {
    const claim = request.method === "GET" ? headerOf(request, "l402-status") : undefined;
    if (claim !== undefined) return { outcome: "answered", reply: await answerStatus(request, visit, claim) };
    return decide(request, visit, prefersHtml(headerOf(request, "accept")));
  };
}

/** Decides by the first pass that is not used up, because a used-up pass must not hide another one. */
async function decideBy(
  visit: PageVisit,
  tokens: readonly AuthenticToken[],
  refuse: Instead,
  instead: Instead | undefined,
): Promise<Decision> {
  for (const token of tokens.slice(0, -1)) {
    const decision = await visit.decide(token, refuse);
    if (!isUsedUp(decision)) return decision;
  }
  return visit.decide(tokens.at(-1), instead);
}

const isUsedUp = (decision: Decision): boolean =>
  decision.outcome === "denied" && decision.error.code === "CREDENTIAL_USED_UP";

/** Returns how many uses are left. It gives back the use that the decision took, before any page is shown. */
async function visitsLeft(decision: Granted): Promise<number> {
  await decision.finish("unserved");
  return (decision.payment.remainingUses ?? 0) + 1;
}
