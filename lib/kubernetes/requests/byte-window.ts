/**
 * Bytes that wait to be read, in one block of memory that is used again and again: joining each chunk with what is left of
 * the one before would copy a large object once for each of its chunks, and leave a copy behind each time.
 */
export type ByteWindow = {
  append(chunk: Buffer): void;
  /** All that waits; good until the next call of the others. */
  bytes(): Buffer;
  /** Lets go of the first `count` bytes. */
  drop(count: number): void;
};

/** @param size bytes to begin with; it grows when more has to wait */
export function createByteWindow(size: number): ByteWindow {
  let block = Buffer.allocUnsafe(size);
  let filled = 0;
  return {
    append: (chunk) => {
      const needed = filled + chunk.length;
      if (needed > block.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, 2 * block.length));
        block.copy(larger, 0, 0, filled);
        block = larger;
      }
      chunk.copy(block, filled);
      filled = needed;
    },
    bytes: () => block.subarray(0, filled),
    drop: (count) => {
      block.copyWithin(0, count, filled);
      filled -= count;
    },
  };
}
