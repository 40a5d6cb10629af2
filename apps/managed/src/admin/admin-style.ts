/** The admin page's only style: nothing is loaded from anywhere. */
export const ADMIN_STYLE = `
:root { color-scheme: light dark;
  --page: light-dark(#f6f7f9, #0f1115); --card: light-dark(#fff, #181b22); --line: light-dark(#e3e6eb, #2a2f3a);
  --text: light-dark(#171a21, #e8eaf0); --soft: light-dark(#5d6573, #9aa3b2); --accent: light-dark(#d97706, #f59e0b);
  --calm: light-dark(#4f6bd8, #8ea6ff); --good: light-dark(#15803d, #4ade80); --bad: light-dark(#b91c1c, #f87171);
  --good-back: light-dark(#dcfce7, #143222); --bad-back: light-dark(#fee2e2, #3a1818); --wait-back: light-dark(#fef3c7, #3b2c10);
  --wait: light-dark(#92400e, #fbbf24); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; background: var(--page); color: var(--text); }
main, header { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; padding-top: 1.5rem; padding-bottom: 1.25rem; }
h1 { margin: 0 auto 0 0; font-size: 1.25rem; letter-spacing: -.01em; }
h1 small { display: block; font-weight: 400; font-size: .8rem; color: var(--soft); letter-spacing: 0; }
h2 { margin: 0; font-size: .95rem; }
.pill { padding: .15rem .65rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); } .bad { color: var(--bad); background: var(--bad-back); }
.wait { color: var(--wait); background: var(--wait-back); } .plain { color: var(--soft); border: 1px solid var(--line); }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(12, 1fr); padding-bottom: 2rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.1rem 1.2rem; min-width: 0; grid-column: span 12; }
.tile { grid-column: span 6; } .wide, .side { grid-column: span 12; }
@media (min-width: 56rem) { .tile { grid-column: span 3; } .wide { grid-column: span 8; } .side { grid-column: span 4; } }
.tile p { margin: .2rem 0 0; font-size: 1.65rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile p small { font-size: .85rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.tile h2 { color: var(--soft); font-weight: 500; font-size: .85rem; }
.note { margin: .15rem 0 0; color: var(--soft); font-size: .82rem; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem; margin-bottom: .8rem; }
.head span { color: var(--soft); font-size: .82rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--soft); font-size: 11px; }
.axis { stroke: var(--line); } .in { fill: var(--accent); } .out { fill: var(--calm); } .rest { fill: var(--line); } .fee { fill: var(--good); }
.key { display: inline-block; width: .65rem; height: .65rem; border-radius: .2rem; margin: 0 .4rem 0 .7rem; } dt .key, .key:first-child { margin-left: 0; }
.key.in { background: var(--accent); } .key.out { background: var(--calm); } .key.fee { background: var(--good); } .key.rest { background: var(--line); }
table { width: 100%; border-collapse: collapse; font-size: .88rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .8rem; } th, td { padding: .45rem .5rem; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .long { max-width: 0; width: 45%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
ul { list-style: none; margin: 0; padding: 0; font-size: .88rem; } li { padding: .32rem 0 .32rem 1.5rem; position: relative; }
li::before { content: "✓"; position: absolute; left: 0; color: var(--good); font-weight: 700; } li.broken::before { content: "✕"; color: var(--bad); }
li.broken { color: var(--bad); } .alarms li { padding-left: 0; border-bottom: 1px solid var(--line); } .alarms li:last-child { border: 0; } .alarms li::before { content: none; }
time { color: var(--soft); white-space: nowrap; } .empty { color: var(--soft); font-size: .88rem; margin: 0; }
.split { grid-column: span 12; } @media (min-width: 56rem) { .split { grid-column: span 6; } }
dl { display: grid; grid-template-columns: 1fr auto; gap: .35rem 1rem; margin: .9rem 0 0; font-size: .88rem; } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.sum { border-top: 1px solid var(--line); padding-top: .45rem; font-weight: 600; } .chart { overflow-x: auto; direction: rtl; } .chart svg { min-width: 34rem; direction: ltr; }
li::first-letter { text-transform: uppercase; } .alarms li::first-letter { text-transform: none; }
@media (max-width: 40rem) { .roomy { display: none; } .roomy + .long, .roomy + th { padding-left: 0; } main, header { padding-left: 1rem; padding-right: 1rem; } .tile p { font-size: 1.3rem; } section { padding: .9rem 1rem; } }
`;
