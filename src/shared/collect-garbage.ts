/** A full garbage collection in the calling thread: 5 to 15 ms. Memory of buffers that nobody holds any more is given back to the allocator. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function collectGarbage(): void {
  // The function exists only in contexts that are made after the flag was set.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
