/** What `make` gives, made when it is first asked for. A promise that fails is forgotten: who asks next makes it anew. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    if (made !== null) return made;
    const mine = make();
    made = mine;
    mine.catch(() => {
      if (made === mine) made = null;
    });
    return mine;
  };
}
