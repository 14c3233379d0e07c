import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where the proxy leads: a port on 127.0.0.1, or an address such as a database's. */
export interface ProxyOptions {
  readonly to: number | string;
  readonly port?: number;
}

type Mode =
  | { readonly kind: 'pass' | 'reset' | 'blackhole' | 'dropAnswer' }
  | { readonly kind: 'delay'; readonly ms: number };

/** A TCP proxy that misbehaves on demand. A mode holds for open and new connections alike. */
export interface TcpProxy {
  readonly port: number;
  /** The target's address with the proxy's host and port in it (`127.0.0.1:port` where the target was a port). */
  readonly url: string;
  /** Open connections. */
  connections(): number;
  /** Hands everything through; what a black hole held back goes on. */
  pass(): void;
  /** Hands every chunk through `ms` milliseconds later, both ways. */
  delay(ms: number): void;
  /** Resets open connections, and new ones at once. */
  reset(): void;
  /** Accepts connections and bytes, and answers nothing. */
  blackhole(): void;
  /** Hands requests through, and resets the connection instead of handing the first bytes of the answer back. */
  dropAnswer(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a port of its own on 127.0.0.1. */
export async function startTcpProxy({ to, port = 0 }: ProxyOptions): Promise<TcpProxy> {
  const target = typeof to === 'number' ? { host: '127.0.0.1', port: to } : addressOf(to);
  const links = new Set<Link>();
  let mode: Mode = { kind: 'pass' };
  const server = createServer({ noDelay: true }, (client) => {
    const link = new Link(client, target, () => mode, () => links.delete(link));
    links.add(link);
    link.apply();
  });
  await listen(server, port);
  const address = server.address();
  const ownPort = typeof address === 'object' && address !== null ? address.port : 0;
  const change = (next: Mode): void => {
    mode = next;
    links.forEach((link) => {
      link.apply();
    });
  };
  return {
    port: ownPort,
    url: typeof to === 'number' ? `127.0.0.1:${ownPort}` : replaceAddress(to, ownPort),
    connections: () => links.size,
    pass: () => { change({ kind: 'pass' }); },
    delay: (ms) => { change({ kind: 'delay', ms }); },
    reset: () => { change({ kind: 'reset' }); },
    blackhole: () => { change({ kind: 'blackhole' }); },
    dropAnswer: () => { change({ kind: 'dropAnswer' }); },
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

  constructor(
    private readonly client: Socket,
    private readonly target: Address,
    private readonly mode: () => Mode,
    private readonly onEnd: () => void,
  ) {
    client.pause();
    client.on('error', () => { this.end(); });
    client.on('close', () => { this.end(); });
    client.on('data', (chunk) => { this.forward(chunk, this.upstream); });
    client.on('end', () => { this.upstream?.end(); });
  }

  /** Brings the connection in line with the mode. */
  apply(): void {
    const { kind } = this.mode();
    if (kind === 'reset') {
      this.reset();
    } else if (kind === 'blackhole') {
      // Unread bytes wait in the kernel, as they would in a broken network.
      this.client.pause();
      this.upstream?.pause();
    } else {
      this.open();
      this.client.resume();
      this.upstream?.resume();
    }
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
    upstream.on('data', (chunk) => { this.answer(chunk); });
    upstream.on('end', () => { this.client.end(); });
    upstream.on('close', () => { this.end(); });
    upstream.on('error', () => { this.reset(); });
  }

  private answer(chunk: Buffer): void {
    if (this.mode().kind === 'dropAnswer') this.reset();
    else this.forward(chunk, this.client);
  }

  private forward(chunk: Buffer, to: Socket | undefined): void {
    const mode = this.mode();
    if (mode.kind === 'delay') setTimeout(() => to?.write(chunk), mode.ms);
    else to?.write(chunk);
  }

  private reset(): void {
    this.client.resetAndDestroy();
    this.upstream?.resetAndDestroy();
    this.onEnd();
  }
}
