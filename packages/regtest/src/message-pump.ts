import type { LdkNode } from "./ldk-node.ts";
import type { NodeEvent } from "./node-event.ts";
import type { PeerLink } from "./peer-link.ts";

/** Keeps the nodes running while there is work, and rests otherwise. */
export interface MessagePump {
  /** Call this after every action that gives a node work. */
  wake(): void;
  /** Resolves when no message is under way. */
  idle(): Promise<void>;
  stop(): void;
}

interface MessagePumpOptions {
  nodes: readonly LdkNode[];
  links: readonly PeerLink[];
  onEvent(node: LdkNode, event: NodeEvent): void;
}

/** Creates a pump at rest. */
export function createMessagePump({ nodes, links, onEvent }: MessagePumpOptions): MessagePump {
  let turnDue: NodeJS.Immediate | undefined;
  let stopped = false;
  let sleepers: (() => void)[] = [];

  /**
   * Runs one turn for all nodes: read, act, write. It runs only one turn at a time, so that the rest of the process
   * gets its share of the CPU.
   */
  function turn(): void {
    turnDue = undefined;
    let busy = false;
    for (const link of links) busy = link.deliver() || busy;
    for (const node of nodes) busy = act(node) || busy;
    for (const node of nodes) node.peers.process_events();
    if (busy || links.some(({ hasMail }) => hasMail)) pump.wake();
    else rest();
  }

  function act(node: LdkNode): boolean {
    const events = node.takeEvents();
    for (const event of events) {
      if (event.type === "forwards-waiting") node.channels.process_pending_htlc_forwards();
      else onEvent(node, event);
    }
    return events.length > 0;
  }

  function rest(): void {
    const awake = sleepers;
    sleepers = [];
    for (const done of awake) done();
  }

  const pump: MessagePump = {
    wake() {
      if (stopped) return;
      turnDue ??= setImmediate(turn);
    },
    idle() {
      if (stopped || !turnDue) return Promise.resolve();
      return new Promise((resolve) => sleepers.push(resolve));
    },
    stop() {
      stopped = true;
      clearImmediate(turnDue);
      turnDue = undefined;
      rest();
    },
  };
  return pump;
}
