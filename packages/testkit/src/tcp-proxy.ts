import { connect, createServer, type Server, type Socket } from 'node:net';
import { Lane } from './proxy-lane.js';
import type { Direction, ProxyMode } from './proxy-mode.js';

/** Where the proxy leads: a port on 127.0.0.1, or an address such as a database's. */
export interface ProxyOptions {
  readonly to: number | string;
  readonly port?: number;
}

/** A TCP proxy that misbehaves on demand. A mode holds for open and new connections alike. */
export interface TcpProxy {
  readonly port: number;
  /** The target's address with the proxy's host and port in it (`127.0.0.1:port` where the target was a port). */
  readonly url: string;
  /** Open connections. */
  connections(): number;
  /** Changes the mode; the methods below are shorter names for it. */
  set(mode: ProxyMode): void;
  /** Hands everything through; what a black hole held back goes on, connections that lost bytes are reset. */
  pass(): void;
  /** Hands every chunk through `ms` milliseconds later, both ways. */
  delay(ms: number): void;
  /** Hands so many bytes a second through, each way. */
  slow(bytesPerSecond: number): void;
  /** Resets open connections, and new ones at once. */
  reset(): void;
  /** Accepts connections and bytes, and answers nothing. */
  blackhole(): void;
  /** Loses what goes one way: the client's requests never arrive, or the answers never come back. */
  halfOpen(swallows: Direction): void;
  /** Hands requests through, and resets the connection instead of handing on the answer after its first bytes. */
  dropAnswer(afterBytes?: number): void;
  /** Forgets the open connections without a word, for good: nothing goes through them any more. New ones follow the mode. */
  strand(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a port of its own on 127.0.0.1. */
export async function startTcpProxy({ to, port = 0 }: ProxyOptions): Promise<TcpProxy> {
  const target = typeof to === 'number' ? { host: '127.0.0.1', port: to } : addressOf(to);
  const links = new Set<Link>();
  let mode: ProxyMode = { kind: 'pass' };
  const server = createServer({ noDelay: true }, (client) => {
    const link = new Link(client, target, () => mode, () => links.delete(link));
    links.add(link);
    link.apply();
  });
  await listen(server, port);
  const address = server.address();
  const ownPort = typeof address === 'object' && address !== null ? address.port : 0;
  const set = (next: ProxyMode): void => {
    mode = next;
    links.forEach((link) => {
      link.apply();
    });
  };
  return {
    port: ownPort,
    url: typeof to === 'number' ? `127.0.0.1:${ownPort}` : replaceAddress(to, ownPort),
    connections: () => links.size,
    set,
    pass: () => { set({ kind: 'pass' }); },
    delay: (ms) => { set({ kind: 'delay', ms }); },
    slow: (bytesPerSecond) => { set({ kind: 'slow', bytesPerSecond }); },
    reset: () => { set({ kind: 'reset' }); },
    blackhole: () => { set({ kind: 'blackhole' }); },
    halfOpen: (swallows) => { set({ kind: 'halfOpen', swallows }); },
    dropAnswer: (afterBytes = 0) => { set({ kind: 'dropAnswer', afterBytes }); },
    strand: () => {
      links.forEach((link) => {
        link.strand();
      });
    },
    stop: async () => {
      links.forEach((link) => {
        link.end();
      });
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'postgres:': 5432, 'redis:': 6379, 'http:': 80 };

function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port) };
}

function replaceAddress(url: string, port: number): string {
  const copy = new URL(url);
  copy.hostname = '127.0.0.1';
  copy.port = String(port);
  return copy.href;
}

async function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** One client's connection and its way on to the target, opened once the mode lets it through. */
class Link {
  private upstream: Socket | undefined;
  private lanes: readonly Lane[] = [];

  constructor(
    private readonly client: Socket,
    private readonly target: Address,
    private mode: () => ProxyMode,
    private readonly onEnd: () => void,
  ) {
    client.pause();
    client.on('error', () => { this.end(); });
    client.on('close', () => { this.end(); });
  }

  /** Brings the connection in line with the mode. */
  apply(): void {
    const { kind } = this.mode();
    if (kind === 'reset' || (kind !== 'halfOpen' && this.lanes.some((lane) => lane.broken))) {
      this.reset();
    } else if (kind === 'blackhole') {
      // Unread bytes wait in the kernel, as they would in a broken network.
      this.client.pause();
      this.upstream?.pause();
    } else {
      this.open();
      for (const lane of this.lanes) lane.recount();
      this.client.resume();
      this.upstream?.resume();
    }
  }

  strand(): void {
    this.mode = () => ({ kind: 'blackhole' });
    this.apply();
  }

  end(): void {
    this.client.destroy();
    this.upstream?.destroy();
    this.onEnd();
  }

  private open(): void {
    if (this.upstream) return;
    const upstream = connect({ ...this.target, noDelay: true });
    this.upstream = upstream;
    const flowing = (): boolean => this.mode().kind !== 'blackhole';
    const shared = { mode: () => this.mode(), flowing, cut: () => { this.reset(); } };
    this.lanes = [
      new Lane({ ...shared, direction: 'requests', from: this.client, to: upstream }),
      new Lane({ ...shared, direction: 'answers', from: upstream, to: this.client }),
    ];
    upstream.on('close', () => { this.closed(); });
    upstream.on('error', () => { this.reset(); });
  }

  /** The target closed; what it said before may still be on its way to the client. */
  private closed(): void {
    if (this.client.writableEnded || this.client.destroyed) this.end();
    else this.client.once('finish', () => { this.end(); });
  }

  private reset(): void {
    this.client.resetAndDestroy();
    this.upstream?.resetAndDestroy();
    this.onEnd();
  }
}
