/**
 * Rejects after `ms`; a late answer is dropped. Where this process itself was held up, answers that lie in its socket
 * meanwhile are read first.
 */
export async function bounded<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      reject(new Error(`no answer within ${String(ms)} ms`));
    };
    timer = setTimeout(() => setImmediate(giveUp), ms);
  });
  try {
    return await Promise.race([answer, end]);
  } finally {
    clearTimeout(timer);
  }
}
