import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A Nostr event, as far as a relay looks at it. */
export interface RelayEvent {
  id: string;
  kind: number;
  pubkey: string;
  created_at: number;
  tags: string[][];
  content: string;
}

interface Filter {
  kinds?: number[];
  authors?: string[];
  since?: number;
  [tag: `#${string}`]: string[] | undefined;
}

type Interception = RelayEvent | undefined;

const REQUEST = 23194;
export const REPLY = 23195;

/** A Nostr relay in memory (NIP-01) with a door for the wallet and another, which can be in trouble, for the client. */
export async function startRelay() {
  const stored: RelayEvent[] = [];
  const subscriptions = new Map<WebSocket, Map<string, Filter[]>>();
  const state = {
    /** Takes everything and says nothing. */
    isSilent: false,
    /** Sees every event before the others do, and answers what to pass on instead. */
    intercept: undefined as ((event: RelayEvent) => Interception | Promise<Interception>) | undefined,
  };
  const requests: RelayEvent[] = [];

  const send = (socket: WebSocket, ...message: unknown[]) => socket.send(JSON.stringify(message));

  async function publish(sent: RelayEvent): Promise<void> {
    if (sent.kind === REQUEST) requests.push(sent);
    const event = state.intercept ? await state.intercept(sent) : sent;
    if (!event) return;
    // The kinds between are for whoever listens now, and of those before them only the last one is kept.
    const replaced = stored.findIndex(({ kind, pubkey }) => kind === event.kind && pubkey === event.pubkey);
    if (event.kind >= 10_000 && event.kind < 20_000 && replaced >= 0) stored.splice(replaced, 1);
    if (event.kind < 20_000 || event.kind >= 30_000) stored.push(event);
    for (const [socket, filters] of subscriptions) {
      for (const [id, any] of filters)
        if (any.some((filter) => matches(filter, event))) send(socket, "EVENT", id, event);
    }
  }

  function onMessage(socket: WebSocket, [type, first, ...rest]: [string, never, ...Filter[]]): void {
    if (type === "REQ") {
      subscriptions.get(socket)?.set(first, rest);
      const found = stored.filter((event) => rest.some((filter) => matches(filter, event)));
      for (const event of found) send(socket, "EVENT", first, event);
      send(socket, "EOSE", first);
    } else if (type === "CLOSE") subscriptions.get(socket)?.delete(first);
    else if (type === "EVENT") {
      const event: RelayEvent = first;
      send(socket, "OK", event.id, true, "");
      void publish(event);
    }
  }

  async function openDoor(mayFail: boolean, port = 0) {
    const door = new WebSocketServer({ host: "127.0.0.1", port });
    door.on("connection", (socket) => {
      subscriptions.set(socket, new Map());
      socket.on("close", () => subscriptions.delete(socket));
      socket.on("message", (text) => {
        if (!(mayFail && state.isSilent)) onMessage(socket, JSON.parse(String(text)));
      });
    });
    await new Promise((resolve) => door.once("listening", resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        for (const socket of door.clients) socket.terminate();
        door.close(() => resolve());
      });
    const number = (door.address() as AddressInfo).port;
    return { url: `ws://127.0.0.1:${number}`, port: number, clients: door.clients, close };
  }

  const walletDoor = await openDoor(false);
  let clientDoor = await openDoor(true);

  return {
    state,
    walletUrl: walletDoor.url,
    clientUrl: clientDoor.url,
    publish,
    /** The requests that came, the oldest first. */
    requests,
    connections: () => clientDoor.clients.size,
    /** Ends all connections; new ones are welcome. */
    hangUp() {
      for (const socket of clientDoor.clients) socket.terminate();
    },
    async breakBackend() {
      await clientDoor.close();
      return async () => {
        clientDoor = await openDoor(true, clientDoor.port);
      };
    },
    hangBackend() {
      state.isSilent = true;
      return () => {
        state.isSilent = false;
      };
    },
    /** The next request is carried out, and its answer gets lost. */
    loseNextAnswer(): void {
      state.intercept = (event) => {
        if (event.kind !== REPLY) return event;
        state.intercept = undefined;
        return undefined;
      };
    },
    /** The next request arrives when the returned function is called. */
    delayNextRequest() {
      let late: RelayEvent | undefined;
      state.intercept = (event) => {
        state.intercept = undefined;
        late = event;
        return undefined;
      };
      return async () => late && publish(late);
    },
    async close() {
      await clientDoor.close();
      await walletDoor.close();
    },
  };
}

function matches({ kinds, authors, since = 0, ...tags }: Filter, event: RelayEvent): boolean {
  if (kinds && !kinds.includes(event.kind)) return false;
  if (authors && !authors.includes(event.pubkey)) return false;
  if (event.created_at < since) return false;
  return Object.entries(tags).every(([name, values]) => {
    if (!name.startsWith("#") || !Array.isArray(values)) return true;
    return event.tags.some(([tag, value]) => tag === name.slice(1) && values.includes(value ?? ""));
  });
}
