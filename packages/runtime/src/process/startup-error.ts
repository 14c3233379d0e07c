/** A process cannot start for a reason that its operator can mend. The message is one sentence that says how. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
