/** Which expected item is which of those that came out: as many pairs that fit as there can be. */

/** Of each expected item the number of its actual one, or -1. */
export type Assignment = readonly number[];

/** In any order (augmenting paths, Kuhn). */
export function assign(expected: number, actual: number, fit: (e: number, a: number) => boolean): Assignment {
  const candidates = Array.from({ length: expected }, (_, e) =>
    Array.from({ length: actual }, (_, a) => a).filter((a) => fit(e, a)),
  );
  const ownerOf = new Array<number>(actual).fill(-1);
  const place = (e: number, visited: Set<number>): boolean => {
    for (const a of candidates[e]) {
      if (visited.has(a)) continue;
      visited.add(a);
      if (ownerOf[a] >= 0 && !place(ownerOf[a], visited)) continue;
      ownerOf[a] = e;
      return true;
    }
    return false;
  };
  // Those that fit few first: the others find their places around them, and paths stay short.
  const order = candidates.map((_, e) => e).toSorted((a, b) => candidates[a].length - candidates[b].length);
  for (const e of order) place(e, new Set());
  const found = new Array<number>(expected).fill(-1);
  ownerOf.forEach((e, a) => {
    if (e >= 0) found[e] = a;
  });
  return found;
}

/** In the order of both (longest common subsequence). */
export function assignInOrder(expected: number, actual: number, fit: (e: number, a: number) => boolean): Assignment {
  const longest = Array.from({ length: expected + 1 }, () => new Int32Array(actual + 1));
  for (let e = expected - 1; e >= 0; e--)
    for (let a = actual - 1; a >= 0; a--)
      longest[e][a] = fit(e, a) ? longest[e + 1][a + 1] + 1 : Math.max(longest[e + 1][a], longest[e][a + 1]);
  const found = new Array<number>(expected).fill(-1);
  for (let e = 0, a = 0; e < expected && a < actual;) {
    if (fit(e, a) && longest[e][a] === longest[e + 1][a + 1] + 1) found[e++] = a++;
    else if (longest[e + 1][a] >= longest[e][a + 1]) e++;
    else a++;
  }
  return found;
}
