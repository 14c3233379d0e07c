import { ServerResponse } from 'node:http';

/** What makes the text of an answer's head, and begins it with the status line. Not documented, but the same since Node 0.4. */
interface Storing {
  readonly _storeHeader: (this: ServerResponse, firstLine: string, headers: unknown) => void;
}

interface Standing {
  standing?: string;
}

/**
 * Lets answers of this class begin their head with lines that stand ready as text. A header that is set is checked, kept as
 * a pair while its request waits, and put together again for each answer. The lines are no headers to `getHeader`, and are
 * not replaced by a header of their name: who sets one takes them away first (`stand` with no lines).
 */
export function beginWithStanding(born: { readonly prototype: ServerResponse }): void {
  const { _storeHeader } = ServerResponse.prototype as unknown as Storing;
  Object.assign(born.prototype, {
    _storeHeader(this: ServerResponse & Standing, firstLine: string, headers: unknown) {
      _storeHeader.call(this, firstLine + (this.standing ?? ''), headers);
    },
  });
}

/** The answer's head begins with these lines, each with its end. */
export function stand(response: ServerResponse, lines: string): void {
  (response as Standing).standing = lines;
}
