import type { SocketDescriptor } from "lightningdevkit";
import type { LdkNode } from "./ldk-node.ts";
import { unwrap } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";

/** The connection of two peers, in memory. The messages of one peer wait here until they are delivered to the other. */
export interface PeerLink {
  readonly ends: readonly [LdkNode, LdkNode];
  readonly isUp: boolean;
  readonly hasMail: boolean;
  up(): void;
  down(): void;
  /** Delivers the messages sent since the last call. Returns false if there were none. */
  deliver(): boolean;
}

interface End {
  node: LdkNode;
  socket: SocketDescriptor;
  mail: Uint8Array[];
}

let sockets = 0n;

/** Creates a connection that is down. */
export function createPeerLink(ldk: Ldk, caller: LdkNode, callee: LdkNode): PeerLink {
  let connection: readonly [End, End] | undefined;
  /** True if LDK itself closed the connection. The other end must be told, but not from within LDK's call. */
  let hungUp = false;

  /** Creates one end, with the messages that it has sent. */
  function createEnd(node: LdkNode): End {
    const mail: Uint8Array[] = [];
    sockets += 1n;
    const hash = sockets;
    const socket = ldk.SocketDescriptor.new_impl({
      send_data(bytes) {
        mail.push(bytes);
        return bytes.length;
      },
      disconnect_socket() {
        hungUp = true;
      },
      eq: (other) => other.hash() === hash,
      hash: () => hash,
    });
    return { node, socket, mail };
  }

  const link: PeerLink = {
    ends: [caller, callee],
    get isUp() {
      return connection !== undefined;
    },
    get hasMail() {
      return connection?.some(({ mail }) => mail.length > 0) ?? false;
    },
    up() {
      if (connection) return;
      const [from, to] = [createEnd(caller), createEnd(callee)];
      connection = [from, to];
      hungUp = false;
      const noAddress = ldk.Option_SocketAddressZ.constructor_none;
      unwrap(callee.peers.new_inbound_connection(to.socket, noAddress()), "answering a peer");
      const hello = caller.peers.new_outbound_connection(callee.id, from.socket, noAddress());
      from.mail.push(unwrap<Uint8Array>(hello, "calling a peer"));
    },
    down() {
      if (!connection) return;
      const ends = connection;
      connection = undefined;
      // LDK ignores a socket that it closed itself.
      for (const { node, socket } of ends) node.peers.socket_disconnected(socket);
    },
    deliver() {
      if (!connection) return false;
      const [one, other] = connection;
      const [fromOne, fromOther] = [one.mail.splice(0), other.mail.splice(0)];
      for (const bytes of fromOne) read(other, bytes);
      for (const bytes of fromOther) read(one, bytes);
      if (hungUp) link.down();
      return fromOne.length + fromOther.length > 0;
    },
  };

  function read({ node, socket }: End, bytes: Uint8Array): void {
    if (!hungUp && !node.peers.read_event(socket, bytes).is_ok()) hungUp = true;
  }
  return link;
}
