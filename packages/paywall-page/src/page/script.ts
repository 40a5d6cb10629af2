/**
 * The script that runs in the browser. It asks whether the invoice was paid and then opens the page, counts down,
 * copies, and pays through WebLN if that is available. It is a text, because a bundler's helpers do not exist in the
 * browser.
 *
 * It asks every second while the page is visible, and a little less often after three minutes. It asks more and more
 * rarely while the page is hidden or the server does not answer, and at once when the visitor returns. If a rate
 * limiter answers with 429, the script asks less often from then on, and says so after some seconds. When the invoice
 * is paid, the answer has set a cookie. The script then asks once more, to check that the browser kept the cookie:
 * otherwise a reload would only create another invoice. A hidden page does not open, because it would take a visit that
 * nobody sees, before the tab that the visitor looks at.
 */
export const SCRIPT = `(() => {
  const main = document.querySelector("main");
  const find = (id) => document.getElementById(id);
  const { claim, invoice } = main.dataset;
  const text = JSON.parse(main.dataset.texts);
  const end = performance.now() + Number(main.dataset.left);
  const LAST_CHANCE = 30000;
  document.documentElement.classList.add("js");

  const show = (state) => {
    if (main.dataset.state === state) return;
    main.dataset.state = state;
    find("status").textContent = text[state];
  };
  const isOver = () => /^(paid|expired|noCookies)$/.test(main.dataset.state);
  show(main.dataset.state === "cannotCheck" ? "cannotCheck" : "waiting");
  find("status").textContent = text[main.dataset.state];

  let preimage, timer, busy, activeAt = performance.now(), askedAt = 0, pause = 1000, slowest = 1000, failures = 0, stored = 0;
  const later = (ms) => {
    clearTimeout(timer);
    if (!isOver()) timer = setTimeout(ask, ms);
  };
  async function ask() {
    if (busy || isOver()) return;
    busy = true;
    askedAt = performance.now();
    const next = await answer().catch(() => {
      show("cannotCheck");
      return Math.min(1000 * 2 ** ++failures, 30000);
    });
    busy = false;
    later(next);
  }
  async function answer() {
    const headers = { "L402-Status": claim };
    if (preimage) headers["L402-Preimage"] = preimage;
    const response = await fetch(location.origin + location.pathname + location.search, { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout?.(15000) });
    if (response.status === 429) {
      slowest = Math.min(slowest * 2, 30000);
      if (slowest > 8000) show("cannotCheck");
      return slowest;
    }
    const { status, kept, freshInMs } = await response.json();
    if (status === "settled") {
      if (kept) {
        if (document.hidden) return 30000;
        show("paid");
        find("reload").click();
      } else if (stored++) show("notKept");
      return stored < 2 ? 0 : 5000;
    }
    if (status === "unavailable") throw status;
    if (status === "noCookies") return show(status);
    failures = 0;
    if (status !== "open" || performance.now() > end + LAST_CHANCE) show("expired");
    else show("waiting");
    const idle = performance.now() - activeAt;
    if (document.hidden) pause = Math.min(pause * 1.5, 15000);
    else pause = idle > 180000 ? 1700 : 0;
    return Math.max(pause, slowest > 1000 && slowest, freshInMs + 20, 250);
  }
  const wake = () => {
    activeAt = performance.now();
    pause = 0;
    if (!document.hidden) later(Math.max(0, askedAt + 1000 - performance.now()));
  };
  for (const event of ["focus", "pointerdown", "keydown", "pageshow", "online"]) addEventListener(event, wake);
  document.addEventListener("visibilitychange", wake);

  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const hours = Math.floor(seconds / 3600);
    const minutes = seconds % 3600 / 60;
    find("left").textContent = (hours ? hours + ":" + two(minutes) : Math.floor(minutes)) + ":" + two(seconds % 60);
    main.toggleAttribute("data-hurry", seconds < 60);
    if (seconds && !isOver()) setTimeout(tick, 1000 - ((performance.now() - end) % 1000 + 1000) % 1000 || 1000);
  };
  tick();

  const copy = find("copy");
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(invoice);
    } catch {
      find("text").open = true;
      getSelection().selectAllChildren(find("invoice"));
      if (!document.execCommand("copy")) return;
    }
    copy.textContent = text.copied;
    setTimeout(() => { copy.textContent = text.copy; }, 2000);
  };

  const browser = find("browser-wallet");
  const offerWebln = () => { browser.hidden = !window.webln; };
  offerWebln();
  addEventListener("webln:ready", offerWebln);
  addEventListener("load", offerWebln);
  browser.onclick = async () => {
    if (browser.ariaDisabled) return;
    browser.ariaDisabled = true;
    try {
      await window.webln.enable();
      const payment = await window.webln.sendPayment(invoice);
      if (/^[0-9a-f]{64}$/i.test(payment && payment.preimage)) preimage = payment.preimage;
      ask();
    } catch {
      find("status").textContent = text.walletFailed;
    }
    browser.ariaDisabled = null;
  };
  later(1000);
})();`;
