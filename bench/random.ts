/** Seeded pseudo-random numbers (sfc32, public domain): the same seed gives the same trace on every machine. */
export class Random {
  #a = 0;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#b = seed | 0;
    this.#c = ~seed;
    for (let i = 0; i < 16; i++) this.int32();
  }

  int32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** From 0 up to but not including 1. */
  unit(): number {
    return (this.int32() >>> 0) / 4294967296;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.unit() * values.length)];
  }

  /** Heavy-tailed (Pareto): at least `minimum`, at most `maximum`; the smaller `alpha`, the heavier the tail. */
  pareto(minimum: number, maximum: number, alpha: number): number {
    return Math.min(maximum, minimum / (1 - this.unit()) ** (1 / alpha));
  }

  /** Log-normal with the given median; `spread` is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
    return median * Math.exp(spread * normal);
  }
}
