import { html } from "hono/html";
import type { Day } from "../operator/statistics.ts";
import { counted, sats } from "./amounts.ts";

const WIDTH = 760;
const HEIGHT = 190;
const TOP = 16;
const BOTTOM = 22;
const LEFT = 58;
/** For half of the last label. */
const RIGHT = 12;

/** What came in and what went out, day by day. */
export function daysChart(days: readonly Day[]) {
  const most = niceCeiling(Math.max(1_000, ...days.map((day) => Math.max(day.receivedMsat, day.paidOutMsat))));
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, days.length);
  const bar = Math.max(2, step * 0.36);
  const room = HEIGHT - TOP - BOTTOM;
  const height = (msat: number) => (msat === 0 ? 0 : Math.max(1.5, (msat / most) * room));
  const rect = (kind: "in" | "out", x: number, msat: number) =>
    html`<rect class="${kind}" x="${round(x)}" y="${round(HEIGHT - BOTTOM - height(msat))}" width="${round(bar)}" height="${round(height(msat))}" rx="1.5"/>`;
  const lines = [0, 0.5, 1].map((share) => {
    const y = round(HEIGHT - BOTTOM - share * room);
    return html`<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${sats(share * most, 0)}</text>`;
  });
  const bars = days.map((day, i) => {
    const x = LEFT + i * step + step * 0.12;
    const title = `${day.date}: ${sats(day.receivedMsat)} sats in ${counted(day.payments, "payment")}, ${sats(day.paidOutMsat)} sats paid out`;
    return html`<g><title>${title}</title>${rect("in", x, day.receivedMsat)}${rect("out", x + bar, day.paidOutMsat)}</g>`;
  });
  const labels = days.map((day, i) =>
    i % 7 === (days.length - 1) % 7
      ? html`<text x="${round(LEFT + (i + 0.5) * step)}" y="${HEIGHT - 6}" text-anchor="middle">${day.date.slice(5)}</text>`
      : "",
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Received and paid out in sats, day by day">${lines}${bars}${labels}</svg>`;
}

export interface Share {
  kind: "in" | "out" | "fee" | "rest";
  name: string;
  msat: number;
}

/** How what is held divides up. */
export function sharesChart(shares: readonly Share[]) {
  const total = Math.max(
    1,
    shares.reduce((sum, { msat }) => sum + msat, 0),
  );
  let x = 0;
  const parts = shares.map(({ kind, name, msat }) => {
    const width = (msat / total) * 300;
    const part = html`<rect class="${kind}" x="${round(x)}" y="0" width="${round(width)}" height="14"><title>${name}: ${sats(msat)} sats</title></rect>`;
    x += width;
    return part;
  });
  return html`<svg viewBox="0 0 300 14" role="img" aria-label="The owners of the node's money">${parts}</svg>`;
}

const round = (value: number) => Math.round(value * 100) / 100;

/** The next number that is easy to halve, with zeros. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 3, 4, 6, 8].find((factor) => factor * power >= value) ?? 10) * power;
}
