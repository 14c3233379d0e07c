import { VendorError, type VendorName } from './vendor-error.js';
import type { VendorRequest } from './vendor.js';
import type { Outcome, VendorMetrics } from './vendor-metrics.js';

/** A client sees the end of its signal and may call it a time-out; why the signal ended is known only here. */
const mayBeAbort = (error: unknown): boolean => !(error instanceof VendorError) || error.failure.code === 'timeout';

/** What a failure becomes that the client did not classify: its own bug, a time-out or an abort. */
function classified<T>(vendor: VendorName, request: VendorRequest<T>, error: unknown, ended: AbortSignal): VendorError {
  const certainty = request.kind === 'write' ? 'unknown' : 'not_applied';
  if (request.signal?.aborted === true && mayBeAbort(error)) {
    const failure = { vendor, certainty, fault: 'vendor', code: 'aborted' } as const;
    return new VendorError(failure, `${request.method} was aborted`);
  }
  if (error instanceof VendorError) return error;
  if (ended.aborted) {
    return new VendorError({ vendor, certainty, fault: 'vendor', code: 'timeout' }, `${request.method} timed out`);
  }
  // Its message may hold anything, a URL or a header included, so only its kind is told.
  const kind = error instanceof Error ? error.name : typeof error;
  const failure = { vendor, certainty, fault: 'row', code: 'unclassified' } as const;
  return new VendorError(failure, `${request.method} failed: ${kind}`);
}

function outcomeOf({ failure }: VendorError): Outcome {
  if (failure.code === 'timeout' || failure.code === 'aborted') return failure.code;
  return failure.fault === 'breaker' ? 'vendor' : failure.fault;
}

/** Somebody else may have the caller's right by now: a process that was stopped wakes here without having noticed. */
function tooLate<T>(vendor: VendorName, { method, sendBefore }: VendorRequest<T>): VendorError | null {
  if (sendBefore === undefined || performance.now() <= sendBefore) return null;
  const failure = { vendor, certainty: 'not_applied', fault: 'rate', code: 'too_late', retryAfterMs: 0 } as const;
  return new VendorError(failure, `${method} was not sent, its time was over`);
}

/** Sends once, measured; every failure comes out as a VendorError. `ended` is aborted by time-out or caller. */
export async function send<T>(
  vendor: VendorName,
  metrics: VendorMetrics,
  request: VendorRequest<T>,
  ended: AbortSignal,
): Promise<T> {
  const late = tooLate(vendor, request);
  if (late !== null) throw late;
  const stop = metrics.duration.startTimer({ vendor, method: request.method });
  const count = (outcome: Outcome): void => {
    metrics.calls.inc({ vendor, method: request.method, outcome });
  };
  try {
    const answer = await request.run(ended);
    count('ok');
    return answer;
  } catch (error) {
    const failure = classified(vendor, request, error, ended);
    count(outcomeOf(failure));
    throw failure;
  } finally {
    stop();
  }
}
