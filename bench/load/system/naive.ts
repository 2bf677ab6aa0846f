/** The naive gateway of `bench/baselines` under test. */
import { Child } from '../process/child.ts';
import type { System, SystemSettings } from './system.ts';

export async function startNaive({ protocol, compressionOut, sinkPort, derive }: SystemSettings): Promise<System> {
  const child = new Child<never, object>('naive gateway', 'baselines/naive.ts', [
    protocol,
    String(sinkPort),
    compressionOut,
    ...(derive ? ['derive'] : []),
  ]);
  try {
    const { listening } = await child.hear<{ listening: number }>();
    return {
      pid: child.pid,
      port: listening,
      balance: () => Promise.resolve(null),
      reload: null,
      drain: async () => {
        child.kill('SIGTERM');
        const code = await child.ended();
        return code === 0 ? null : `exit code ${code} after SIGTERM: ${child.stderr.slice(-2000)}`;
      },
      stderr: () => child.stderr,
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (failure) {
    await child[Symbol.asyncDispose]();
    throw failure;
  }
}
