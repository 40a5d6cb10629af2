/** The theme consists of the variables that begin with \`--l402-\`. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --l402-accent: #6d28d9; --l402-on-accent: #fff; --l402-background: #f4f4f7; --l402-surface: #fff;
  --l402-text: #17171c; --l402-muted: #5b5b66; --l402-line: #e2e2e8; --l402-radius: 1.25rem;
  --l402-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif;
  --bolt: #f59e0b; --good: #166534; --bad: #b42318; --soft: color-mix(in srgb, var(--l402-accent) 7%, var(--l402-surface));
}
@media (prefers-color-scheme: dark) { :root {
  --l402-accent: #b79cff; --l402-on-accent: #1b1035; --l402-background: #0f0f14; --l402-surface: #19191f;
  --l402-text: #f3f3f6; --l402-muted: #a9a9b6; --l402-line: #30303a; --bolt: #fbbf24; --good: #4ade80; --bad: #ff9d92;
} }
*, ::before, ::after { box-sizing: border-box; }
[hidden], :root:not(.js) .js-only { display: none !important; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: clamp(.75rem, 3vw, 2rem);
  background: var(--l402-background); color: var(--l402-text); font: 1rem/1.5 var(--l402-font);
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; }
main { width: 100%; max-width: 54rem; background: var(--l402-surface); border: 1px solid var(--l402-line);
  border-radius: var(--l402-radius); overflow: hidden; box-shadow: 0 1px 2px #0000000a, 0 18px 50px -20px #00000030; }
main.offer { display: grid; grid-template: auto 1fr / minmax(0, 1fr) minmax(0, 22.5rem); }
main.notice { max-width: 30rem; padding: clamp(1.5rem, 6vw, 2.75rem); }
.what { padding: clamp(1.25rem, 5vw, 2.75rem); display: flex; flex-direction: column; gap: 1.1rem; }
.pay { grid-area: 1 / 2 / 3; padding: clamp(1.25rem, 4vw, 2rem); background: var(--soft); border-inline-start: 1px solid var(--l402-line);
  display: flex; flex-direction: column; gap: .75rem; }
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: clamp(1.5rem, 5vw, 1.9rem); line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1rem; font-weight: 600; } .scan { text-align: center; }
.brand { display: flex; align-items: center; gap: .5rem; color: var(--l402-muted); font-size: .9rem; font-weight: 600; }
.brand svg { width: 1.35rem; height: 1.35rem; flex: none; color: var(--bolt); }
.description { font-size: 1.1rem; color: var(--l402-muted); }
.price { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .5rem; font-size: 1.25rem; font-weight: 600; }
.price strong { font-size: clamp(2.5rem, 10vw, 3.5rem); line-height: 1.1; letter-spacing: -.03em; font-variant-numeric: tabular-nums; }
.fiat { color: var(--l402-muted); font-size: 1rem; font-weight: 400; }
dl { border-top: 1px solid var(--l402-line); }
dl div { display: flex; justify-content: space-between; flex-wrap: wrap; gap: 0 1rem; padding: .6rem 0; border-bottom: 1px solid var(--l402-line); }
dt { color: var(--l402-muted); flex: none; } dd { font-weight: 600; text-align: end; }
.alert { padding: .65rem .9rem; border-radius: .75rem; background: color-mix(in srgb, var(--bolt) 16%, var(--l402-surface)); font-weight: 500; }
.qr { display: block; width: min(100%, 17rem); margin: 0 auto; background: #fff; border-radius: .9rem; border: 1px solid var(--l402-line); transition: opacity .3s, filter .3s; }
.qr path { stroke: #000; }
.button { display: flex; align-items: center; justify-content: center; gap: .5rem; width: 100%; min-height: 2.9rem; padding: .5rem 1rem;
  border: 1px solid var(--l402-line); border-radius: .8rem; background: var(--l402-surface); color: inherit; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer; transition: background .15s, border-color .15s; }
.button:hover { border-color: var(--l402-accent); }
.primary { background: var(--l402-accent); border-color: var(--l402-accent); color: var(--l402-on-accent); }
.primary:hover { background: color-mix(in srgb, var(--l402-accent) 88%, var(--l402-text)); }
#browser-wallet:not([hidden]) + #open-wallet { background: var(--l402-surface); border-color: var(--l402-line); color: inherit; }
.button[aria-disabled] { opacity: .6; cursor: wait; }
:focus-visible { outline: 3px solid var(--l402-accent); outline-offset: 2px; }
#status { display: flex; gap: .7rem; min-height: 3em; font-size: .92rem; }
.js #status::before { content: ""; flex: none; width: .6rem; height: .6rem; margin-top: .45em; border-radius: 50%; background: var(--bolt); animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; transform: scale(.8); } }
[data-state="paid"] #status { color: var(--good); font-weight: 600; }
[data-state="paid"] #status::before { background: var(--good); animation: none; }
main:is([data-state="expired"], [data-state="noCookies"], [data-state="notKept"]) #status::before { background: var(--bad); animation: none; }
main:is([data-state="expired"], [data-state="noCookies"], [data-state="paid"]) .payable, [data-state="paid"] #reload, .if-expired, .if-no-cookies { display: none !important; }
[data-state="expired"] .if-expired, [data-state="noCookies"] .if-no-cookies { display: flex !important; }
main:is([data-state="expired"], [data-state="noCookies"], [data-state="paid"]) .qr { filter: blur(8px); opacity: .35; }
.time { display: flex; justify-content: space-between; font-size: .9rem; color: var(--l402-muted); }
.time b { font-variant-numeric: tabular-nums; color: var(--l402-text); } [data-hurry] .time b { color: var(--bad); }
.more { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; font-size: .92rem; }
details { flex: 1 1 auto; } details[open] { flex-basis: 100%; }
summary { width: fit-content; cursor: pointer; color: var(--l402-muted); padding: .35rem 0; } summary:hover { color: var(--l402-text); }
.link { color: var(--l402-accent); font-weight: 600; padding: .35rem 0; text-underline-offset: .2em; }
:root:not(.js) .link { display: grid; place-items: center; width: 100%; min-height: 2.9rem; border: 1px solid var(--l402-line); border-radius: .8rem;
  background: var(--l402-surface); text-decoration: none; }
.help { align-self: end; padding: 0 clamp(1.25rem, 5vw, 2.75rem) clamp(1.25rem, 5vw, 2.75rem); color: var(--l402-muted); font-size: .92rem; }
.help h2 { color: var(--l402-text); margin-bottom: .6rem; }
ol { list-style: none; margin: 0; padding: 0; counter-reset: step; display: grid; gap: .6rem; }
li { display: flex; gap: .75rem; counter-increment: step; }
li::before { content: counter(step); flex: none; width: 1.6rem; height: 1.6rem; line-height: 1.6rem; border-radius: 50%; text-align: center;
  font-size: .8rem; font-weight: 700; color: var(--l402-accent); background: var(--soft); }
code { display: block; padding: .6rem; border: 1px solid var(--l402-line); border-radius: .6rem; background: var(--l402-surface);
  font: .75rem/1.5 ui-monospace, monospace; word-break: break-all; user-select: all; -webkit-user-select: all; text-align: left; }
main.notice > * + * { margin-top: 1.1rem; } main.notice > p:not(.brand) { color: var(--l402-muted); }
@media (max-width: 46rem) {
  main.offer { display: flex; flex-direction: column; max-width: 30rem; }
  .pay { border-inline-start: 0; border-block: 1px solid var(--l402-line); }
  .what { gap: .9rem; } .help { align-self: auto; padding-top: clamp(1.25rem, 5vw, 2.75rem); }
  .scan, .qr, .more { order: 1; } .scan { margin-top: .5rem; }
}
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .qr { forced-color-adjust: none; } }
@media print {
  body { --l402-surface: #fff; --l402-text: #000; --l402-muted: #444; --l402-line: #bbb; --l402-accent: #000; --soft: #eee;
    display: block; background: #fff; color: #000; padding: 0; } main { box-shadow: none; border: 0; max-width: none; }
  .pay { background: none; border: 0; } .button, .link, summary, #status { display: none !important; }
  details::details-content { content-visibility: visible; display: block; }
}
`
  .replace(/\n\s*/g, "\n")
  .trim();
