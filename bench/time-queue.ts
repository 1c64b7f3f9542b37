/** Numbers by time, the earliest first: a binary heap in typed arrays. */
export class TimeQueue {
  readonly #times: Float64Array;
  readonly #values: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#values = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  get firstTime(): number {
    return this.#times[0];
  }

  get firstValue(): number {
    return this.#values[0];
  }

  push(time: number, value: number): void {
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent] <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, time, value);
  }

  /** Gives the first value a later time. */
  postponeFirst(time: number): void {
    this.#sink(time, this.#values[0]);
  }

  removeFirst(): void {
    this.#size--;
    if (this.#size > 0) this.#sink(this.#times[this.#size], this.#values[this.#size]);
  }

  #sink(time: number, value: number): void {
    const times = this.#times;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && times[child + 1] < times[child]) child++;
      if (times[child] >= time) break;
      this.#move(child, at);
      at = child;
    }
    this.#set(at, time, value);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from], this.#values[from]);
  }

  #set(at: number, time: number, value: number): void {
    this.#times[at] = time;
    this.#values[at] = value;
  }
}
