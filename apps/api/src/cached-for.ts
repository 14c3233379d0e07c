/** Asks at most once per `ms` milliseconds; who asks meanwhile gets the same answer. A failure is not kept. */
export function cachedFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let until = 0;
  return () => {
    if (answer !== null && performance.now() < until) return answer;
    const asked = ask();
    answer = asked;
    until = performance.now() + ms;
    asked.catch(() => {
      if (answer === asked) answer = null;
    });
    return asked;
  };
}
