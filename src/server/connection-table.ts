import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { clientNetwork } from './client-network.ts';
import type { ServerLimits } from './server-options.ts';

/** The connections of one client address, or network. */
interface Holder {
  readonly address: string;
  open: number;
  /** Without a request under way, the longest idle first; by their keys. */
  readonly idle: Set<string>;
}

interface Connection {
  readonly holder: Holder;
  readonly socket: Socket;
  requests: number;
}

/**
 * Open connections by client address. When there are too many, whoever has the most loses the one that has been idle
 * the longest: a client that opens thousands of connections cannot keep the others out.
 */
export class ConnectionTable {
  readonly #most: number;
  readonly #holders = new Map<string, Holder>();
  readonly #connections = new Map<string, Connection>();

  constructor(most: number) {
    this.#most = most;
  }

  get open(): number {
    return this.#connections.size;
  }

  /** @returns whether there was room, perhaps after an idle one has gone; otherwise the connection is to be ended */
  add(socket: Socket): boolean {
    if (this.open >= this.#most && !this.#makeRoom()) return false;
    const address = clientNetwork(socket.remoteAddress ?? '');
    const key = keyOf(socket);
    const holder = this.#holders.get(address) ?? { address, open: 0, idle: new Set<string>() };
    this.#holders.set(address, holder);
    holder.open += 1;
    holder.idle.add(key);
    const connection = { holder, socket, requests: 0 };
    this.#connections.set(key, connection);
    socket.once('close', () => this.#remove(key, connection));
    return true;
  }

  /** A request begins (1) or has ended (-1) on a connection. */
  countRequest(socket: Socket, change: 1 | -1): void {
    const key = keyOf(socket);
    const connection = this.#connections.get(key);
    if (!connection) return;
    connection.requests += change;
    if (connection.requests > 0) connection.holder.idle.delete(key);
    else connection.holder.idle.add(key);
  }

  /** Also those that have never asked for anything. */
  endIdle(): void {
    for (const { socket, requests } of this.#connections.values()) if (requests === 0) socket.destroy();
  }

  endAll(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #remove(key: string, connection: Connection): void {
    if (this.#connections.get(key) !== connection) return;
    this.#connections.delete(key);
    const { holder } = connection;
    holder.idle.delete(key);
    holder.open -= 1;
    if (holder.open === 0) this.#holders.delete(holder.address);
  }

  #makeRoom(): boolean {
    let largest: Holder | undefined;
    for (const holder of this.#holders.values()) {
      if (holder.idle.size > 0 && holder.open > (largest?.open ?? 0)) largest = holder;
    }
    const [key] = largest?.idle ?? [];
    const connection = key === undefined ? undefined : this.#connections.get(key);
    if (key === undefined || !connection) return false;
    this.#remove(key, connection);
    connection.socket.destroy();
    return true;
  }
}

/** The same for a TCP connection and for TLS on top of it; known to requests after the client has gone. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

/**
 * As many as leave the rest of the process its descriptors: a request may have files of S3 open besides its connection, a
 * copy two.
 */
export function mostConnections(
  {
    connections,
    requests,
    reservedDescriptors,
  }: Pick<ServerLimits, 'connections' | 'requests' | 'reservedDescriptors'>,
  descriptors: number,
): number {
  const free = descriptors - reservedDescriptors;
  const withFiles = Math.floor(free / (1 + filesOfRequest));
  return Math.max(16, Math.min(connections, Math.max(withFiles, free - filesOfRequest * requests)));
}

const filesOfRequest = 2;

/** How many files this process may open; where nobody says, what most systems allow. */
export function descriptorLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? 1024 : Number(soft);
  } catch {
    return 1024;
  }
}
