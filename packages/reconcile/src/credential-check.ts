import type { Logger } from '@deptracker/runtime';
import { type Scope, type Vendor, VendorError, type VendorName } from '@deptracker/resilience';
import { type Loop, startLoop } from './loop.js';

export interface CredentialCheckOptions {
  readonly target: VendorName;
  readonly vendor: Vendor;
  /** A harmless read that tells who we are. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  readonly probeScopes: readonly Scope[];
  readonly maxWaitMs: number;
  readonly logger: Logger;
}

export interface CredentialCheck extends Loop {
  /** Why the vendor does not take our credentials; null while nothing is known against them. */
  refused(): string | null;
}

const AGAIN_MS = 60_000;

/** A refusal that only an operator can mend: nobody's row is at fault, and it was surely not an outage. */
function isRefusal(error: unknown): error is VendorError {
  return error instanceof VendorError && error.failure.certainty === 'not_applied' && /^http_40[13]$|_auth|token|scope|account/.test(error.failure.code);
}

/** Asks the vendor who we are at start, and again each minute until it has said so. */
export function startCredentialCheck(options: CredentialCheckOptions): CredentialCheck {
  const { target, vendor, probe, probeScopes, maxWaitMs, logger } = options;
  let accepted = false;
  let refused: string | null = null;

  async function check(): Promise<void> {
    if (accepted) return;
    try {
      await vendor.request({ method: 'credentials', kind: 'read', scopes: probeScopes, maxWaitMs, run: probe });
      accepted = true;
      refused = null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused = error.message;
      logger.error(`${target} refuses our credentials`, { reason: refused });
    }
  }

  const loop = startLoop(check, AGAIN_MS, (error) => {
    logger.warn('credentials not checked', { vendor: target, error: error instanceof Error ? error.message : String(error) });
  });
  return { ...loop, refused: () => refused };
}
