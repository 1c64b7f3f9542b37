import type { FlowRecords, TrafficType } from '../record/index.ts';

/** Names of log streams as AWS gives them, one for each interface and traffic type: `eni-…-all`, `eni-…-reject`. */
export class StreamNames {
  readonly #suffix: string;
  readonly #names = new Map<string, string>();

  constructor(trafficType: TrafficType) {
    this.#suffix = `-${trafficType.toLowerCase()}`;
  }

  /** One for all records where it is the same, else one for each. */
  of({ interfaceIds }: FlowRecords): string | string[] {
    const [first] = interfaceIds;
    if (interfaceIds.every((id) => id === first)) return this.#nameOf(first);
    return interfaceIds.map((id) => this.#nameOf(id));
  }

  #nameOf(interfaceId: string): string {
    let name = this.#names.get(interfaceId);
    if (name === undefined) {
      name = `${interfaceId}${this.#suffix}`;
      this.#names.set(interfaceId, name);
    }
    return name;
  }
}
