/**
 * A reproducible stream of numbers, uniform in [0, 1): the same seed gives the same numbers everywhere.
 *
 * @see Melissa O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", PCG-XSH-RR 32
 */
export function randomNumbers(seed: number): () => number {
  let state = advance(BigInt(seed) + INCREMENT);
  return () => {
    const old = state;
    state = advance(old);
    const mixed = Number(BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n));
    const turn = Number(old >> 59n);
    return (((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0) / 2 ** 32;
  };
}

const INCREMENT = 1442695040888963407n;

function advance(state: bigint): bigint {
  return BigInt.asUintN(64, state * 6364136223846793005n + INCREMENT);
}

/** `length` float32 numbers in [-1, 1). */
export function randomFloats(length: number, seed: number): Float32Array {
  const next = randomNumbers(seed);
  return Float32Array.from({ length }, () => next() * 2 - 1);
}

/** `length` bytes. */
export function randomBytes(length: number, seed: number): Uint8Array {
  const next = randomNumbers(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}
