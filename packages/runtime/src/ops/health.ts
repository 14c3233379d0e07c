import { redactText } from '../log/redact.js';
import { withTimeout } from '../process/with-timeout.js';

export type ComponentStatus = 'up' | 'degraded' | 'down';

export interface ComponentResult {
  readonly status: ComponentStatus;
  readonly message?: string;
  readonly details?: Readonly<Record<string, number | string | boolean>>;
}

/** Something that the process stands on. Without a critical one it cannot do its work at all. */
export interface Component {
  readonly name: string;
  readonly critical: boolean;
  /** A look that is cheap enough for once a second; throwing means `down`. */
  check(signal: AbortSignal): Promise<ComponentResult>;
}

/** One row of `/health/detailed`. */
export interface ComponentReport {
  readonly component: string;
  readonly critical: boolean;
  readonly status: ComponentStatus;
  readonly message: string | null;
  /** ISO-8601, UTC. */
  readonly lastChecked: string;
  readonly responseTimeMs: number;
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

export interface HealthReport {
  /** `down` only where a critical component is. */
  readonly status: 'ok' | 'degraded' | 'down';
  readonly draining: boolean;
  readonly components: readonly ComponentReport[];
}

export interface Health {
  readonly service: string;
  readonly version: string;
  report(): Promise<HealthReport>;
  /** Whether the process takes work: not draining, no critical component down. Asks only the critical ones. */
  ready(): Promise<{ readonly ready: boolean; readonly reason: string | null }>;
  /** From now on not ready, for good. */
  beginDrain(): void;
}

export interface HealthOptions {
  readonly service: string;
  readonly version: string;
  readonly components: readonly Component[];
  /** Milliseconds after which a check counts as down. */
  readonly timeoutMs?: number;
  /** Milliseconds for which a result is given again. */
  readonly cacheMs?: number;
}

function row(component: Component, result: ComponentResult, start: number): ComponentReport {
  return {
    component: component.name,
    critical: component.critical,
    status: result.status,
    message: result.message === undefined ? null : redactText(result.message),
    lastChecked: new Date().toISOString(),
    responseTimeMs: Math.round((performance.now() - start) * 10) / 10,
    details: result.details ?? {},
  };
}

/** Asks a component at most once per `cacheMs`; who asks meanwhile gets the same answer. Never rejects. */
function cached(component: Component, timeoutMs: number, cacheMs: number): () => Promise<ComponentReport> {
  let answer: Promise<ComponentReport> | null = null;
  let freshUntil = Infinity;
  const look = async (): Promise<ComponentReport> => {
    const start = performance.now();
    try {
      return row(component, await withTimeout((signal) => component.check(signal), timeoutMs, 'The check'), start);
    } catch (error) {
      const message = error instanceof Error && error.message !== '' ? error.message : 'The check failed';
      return row(component, { status: 'down', message }, start);
    } finally {
      freshUntil = performance.now() + cacheMs;
    }
  };
  return () => {
    if (answer === null || performance.now() >= freshUntil) {
      freshUntil = Infinity;
      answer = look();
    }
    return answer;
  };
}

function overall(components: readonly ComponentReport[]): HealthReport['status'] {
  if (components.some(({ critical, status }) => critical && status === 'down')) return 'down';
  return components.every(({ status }) => status === 'up') ? 'ok' : 'degraded';
}

/** Creates a process's health from its components; nothing is asked before somebody asks. */
export function createHealth(options: HealthOptions): Health {
  const { service, version, components, timeoutMs = 1000, cacheMs = 1000 } = options;
  const checks = components.map((component) => ({ component, ask: cached(component, timeoutMs, cacheMs) }));
  let draining = false;
  return {
    service,
    version,
    async report() {
      const rows = await Promise.all(checks.map(({ ask }) => ask()));
      return { status: overall(rows), draining, components: rows };
    },
    async ready() {
      if (draining) return { ready: false, reason: 'draining' };
      const rows = await Promise.all(checks.filter(({ component }) => component.critical).map(({ ask }) => ask()));
      const down = rows.filter(({ status }) => status === 'down').map(({ component }) => component);
      return down.length === 0 ? { ready: true, reason: null } : { ready: false, reason: `${down.join(', ')} down` };
    },
    beginDrain() {
      draining = true;
    },
  };
}
