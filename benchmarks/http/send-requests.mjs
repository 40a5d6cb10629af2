// Keeps a number of connections busy with requests that were written beforehand, as fast as they are answered.
import { once } from "node:events";
import { connect } from "node:net";

/** A request for the goods, with what pays for it. */
export const requestText = (value, name = "Authorization") =>
  `GET /goods HTTP/1.1\r\nHost: localhost\r\n${value ? `${name}: ${value}\r\n` : ""}\r\n`;

/**
 * Sends what `next(i)` answers, `{ text, kind }`, until `isOver(sent)`. Answers how often each kind got each status, and how
 * long answers took in ms.
 *
 * With `stayAwake`, it never sleeps while it waits: to wake it up costs the server's CPU 5 to 10 µs for each answer, and only
 * a slow server's, as one that is faster than this client finds it awake.
 */
export async function sendRequests({ port, connections, next, isOver, keepLatencies = false, stayAwake = false }) {
  const statuses = {};
  const latencies = [];
  let sent = 0;
  let errors = 0;

  async function keepBusy() {
    const socket = connect(port, "127.0.0.1").setNoDelay();
    await once(socket, "connect");
    await new Promise((resolve) => {
      let kind;
      let startedAt;
      let input = "";
      const send = () => {
        if (isOver(sent)) return socket.end();
        const request = next(sent++);
        kind = request.kind;
        startedAt = performance.now();
        socket.write(request.text, "latin1");
      };
      socket.setEncoding("latin1");
      socket.on("data", (data) => {
        input = input === "" ? data : input + data;
        const end = lengthOf(input);
        if (end < 0 || input.length < end) return;
        const status = `${kind} ${input.slice(9, 12)}`;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (keepLatencies) latencies.push(performance.now() - startedAt);
        input = input.slice(end);
        send();
      });
      socket.on("error", () => errors++);
      socket.on("close", resolve);
      send();
    });
  }

  let isDone = !stayAwake;
  const turn = () => isDone || setImmediate(turn);
  turn();
  await Promise.all(Array.from({ length: connections }, keepBusy));
  isDone = true;
  return { statuses, latencies, errors, sent };
}

/** How long the response is, with its head; -1 where that is not known yet. */
function lengthOf(input) {
  const head = input.indexOf("\r\n\r\n");
  if (head < 0) return -1;
  const length = /\r\ncontent-length: *(\d+)/i.exec(input.slice(0, head + 2));
  if (length) return head + 4 + Number(length[1]);
  if (!/\r\ntransfer-encoding: *chunked/i.test(input.slice(0, head + 2))) return head + 4;
  const end = input.indexOf("\r\n0\r\n\r\n", head);
  return end < 0 ? -1 : end + 7;
}
