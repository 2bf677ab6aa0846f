/**
 * The one door to @platformatic/wasm-utils: Snappy blocks and CRC-32C. Loaded at first use (11 ms, 9 MB).
 *
 * Two facts of version 0.2.1 that the callers here respect: malformed input traps the instance (which stays usable), and
 * WebAssembly memory never shrinks, so declared sizes are checked before the call.
 */
import { createRequire } from 'node:module';

interface WasmUtils {
  snappyCompress(data: Buffer): Buffer;
  snappyDecompress(data: Buffer): Buffer;
  crc32c(data: Buffer): number;
  lz4Compress(data: Buffer): Buffer;
}

let loaded: WasmUtils | null = null;

/** The package keeps its input view over a memory that may have grown; an empty input would then throw, so callers pass none. */
export function wasmCodec(): WasmUtils {
  loaded ??= createRequire(import.meta.url)('@platformatic/wasm-utils') as WasmUtils;
  return loaded;
}
