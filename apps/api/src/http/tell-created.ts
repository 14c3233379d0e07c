import type { Request, Response } from 'express';

/**
 * Says of an answer that it shows what was created, where that is, and whether an earlier request with the same key did it.
 * `path` is encoded already.
 */
export function tellCreated(request: Request, response: Response, path: string, { replayed }: { readonly replayed: boolean }): void {
  response.status(201).setHeader('Location', `${request.baseUrl}${path}`);
  if (replayed) response.set('Idempotent-Replayed', 'true');
}
