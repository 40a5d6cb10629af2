import type { Network } from "@l402/core";
import { BUDGET } from "./page-buyer.ts";

/** The demo's web page: no framework, nothing from other servers. */
export const renderPage = (network: Network, hasPlayMoney: boolean) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>L402 demo</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d9dce3, #333845); --soft: light-dark(#5b6270, #a2a9b8);
    --accent: light-dark(#b45309, #fbbf24); --card: light-dark(#fff, #1b1e26); }
  * { box-sizing: border-box; }
  body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif;
    background: light-dark(#f6f7f9, #12141a); }
  h1 { margin: 0; font-size: 1.5rem; } h2 { font-size: 1rem; margin: 0 0 .75rem; } h2 + .caption { margin-top: 0; }
  .banner { margin: .25rem 0 1.5rem; color: var(--soft); }
  .grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); }
  section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; min-width: 0; }
  button { display: flex; flex-wrap: wrap; width: 100%; justify-content: space-between; gap: 0 1rem; font: inherit; text-align: left;
    padding: .6rem .8rem; margin: .4rem 0; border: 1px solid var(--line); border-radius: .5rem; background: none;
    color: inherit; cursor: pointer; }
  button:hover, button:focus-visible { border-color: var(--accent); } button[aria-disabled] { opacity: .5; cursor: wait; }
  button span { color: var(--soft); white-space: nowrap; }
  ol { list-style: none; margin: 0; padding: 0; }
  /* Whole lines. */
  .log { font: .82rem/1.6 ui-monospace, monospace; overflow-wrap: anywhere; max-height: calc(18 * 1.6em); overflow-y: auto; }
  #steps:empty::before { content: "Press a button."; color: var(--soft); }
  .bar { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; margin: .4rem 0; }
  .bar div { grid-column: 1 / 3; height: .8rem; border-radius: .4rem; background: var(--accent); min-width: 2px; transition: width .3s; }
  .bar output { font-variant-numeric: tabular-nums; }
  a { color: var(--accent); }
  .caption { margin: .75rem 0; font-size: .875rem; color: var(--soft); }
  .caption:last-child { margin-bottom: 0; }
  svg { display: block; width: 100%; margin-top: .25rem; color: var(--accent); border-bottom: 1px solid var(--line); }
  @media (prefers-reduced-motion: reduce) { .bar div { transition: none; } }
</style>
<main>
<h1>Pay for an HTTP request</h1>
<p class="banner">${
  hasPlayMoney
    ? "regtest: real Lightning on a private play-money network inside this process. No real bitcoin."
    : `Your own backend, on the network ${network}.`
}</p>
<div class="grid">
  <section aria-labelledby="shop">
    <h2 id="shop">Let the buyer buy</h2>
    <p class="caption">The buyer is a program with a budget of ${BUDGET.perRequestSats} sats a request and ${BUDGET.perDaySats} a day. It keeps what it bought and
      uses that first: try the pass three times, and what fails twice.</p>
    <button data-order="weather">One weather report <span>10 sats</span></button>
    <button data-order="words">Count words, by the word <span>5 sats</span></button>
    <button data-order="quote">A pass for three quotes <span>25 sats</span></button>
    <button data-order="countdown">A stream <span>20 sats</span></button>
    <button data-order="flaky">Something that fails at first <span>5 sats</span></button>
    <p class="caption">A person who opens <a id="person" href="/weather">/weather</a> gets a page to pay on.${
      hasPlayMoney
        ? " Opened from here, it has a button “Pay in this browser”, which takes the buyer's play money."
        : ""
    }</p>
  </section>
  <section aria-labelledby="story">
    <h2 id="story">What the buyer sees</h2>
    <div class="log" role="log" tabindex="0" aria-labelledby="story"><ol id="steps"></ol></div>
  </section>
  <section aria-labelledby="paywall">
    <h2 id="paywall">What the paywall decides</h2>
    <p class="caption">It begins with the tour that you saw in the terminal.</p>
    <div class="log" role="log" tabindex="0" aria-labelledby="paywall"><ol id="paywall-log"></ol></div>
  </section>
  <section aria-labelledby="money">
    <h2 id="money">Who has what</h2>
    <div id="balances"></div>
    <p class="caption" id="chart-title">What the seller has, payment by payment</p>
    <svg id="chart" viewBox="0 0 300 90" role="img" aria-labelledby="chart-title">
      <polyline fill="none" stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke"/>
    </svg>
  </section>
</div>
</main>
<script>
  const find = (selector) => document.querySelector(selector);
  const append = (list, text) => {
    const line = document.createElement("li");
    line.textContent = text;
    list.append(line);
    list.parentElement.scrollTop = list.scrollHeight;
  };
  const history = [0];
  function drawChart(sats) {
    history.push(sats);
    const points = history.map((value, i) => [300 * i / (history.length - 1), 85 - 80 * value / Math.max(...history, 1)]);
    find("#chart polyline").setAttribute("points", points.map((point) => point.join()).join(" "));
  }
  function showBalances(sats) {
    drawChart(sats.seller);
    // The buyer has so much more that its bar would hide the others.
    const { buyer, ...earned } = sats;
    const most = Math.max(...Object.values(earned), 1);
    find("#balances").replaceChildren(...Object.entries(sats).map(([name, amount]) => {
      const row = document.createElement("div");
      row.className = "bar";
      const label = document.createElement("span");
      label.textContent = name;
      const bar = document.createElement("div");
      bar.hidden = !(name in earned);
      bar.style.width = 100 * amount / most + "%";
      const value = document.createElement("output");
      value.textContent = amount.toLocaleString("en").replaceAll(",", "\u00a0") + " sats";
      row.append(label, value, bar);
      return row;
    }));
  }
  const source = new EventSource("/demo/news");
  // What happened before is told again at every connection.
  source.onopen = () => {
    for (const list of document.querySelectorAll("ol")) list.replaceChildren();
    history.splice(1);
  };
  source.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    if (news.type === "balances") showBalances(news.sats);
    else append(find(news.type === "step" ? "#steps" : "#paywall-log"), news.text);
  };
  ${hasPlayMoney ? WALLET_IN_BROWSER : ""}
  for (const button of document.querySelectorAll("button")) {
    button.onclick = async () => {
      // A disabled button would lose the focus of who presses it with a key.
      if (button.ariaDisabled) return;
      button.ariaDisabled = true;
      await fetch("/demo/buy/" + button.dataset.order, { method: "POST" })
        .catch(() => append(find("#steps"), "The demo does not answer. Start it again: npm run demo"));
      button.ariaDisabled = null;
    };
  }
</script>
`;

/** Does what the extension of a wallet does: gives the page that a person pays on a way to pay. */
const WALLET_IN_BROWSER = `find("#person").onclick = (event) => {
    event.preventDefault();
    const shop = open("/weather");
    shop.onload = () => {
      shop.webln = {
        async enable() {},
        async sendPayment(invoice) {
          const payment = await (await fetch("/demo/pay", { method: "POST", body: invoice })).json();
          if (payment.status !== "paid") throw new Error(payment.reason);
          return payment;
        },
      };
      shop.dispatchEvent(new Event("webln:ready"));
    };
  };`;
