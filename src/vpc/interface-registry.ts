import type { NetworkInterface } from '@aws-sdk/client-ec2';

/** Numbers of interfaces that only earlier runs have seen begin here: beyond those of any capture. */
export const formerInterfaces = 2 ** 20;

/**
 * Network interfaces by a small number that never changes while Headgate runs: flows and connections carry the number.
 * An interface that disappears keeps its number; one that is described anew under the same id keeps it too.
 */
export class InterfaceRegistry {
  readonly #interfaces: NetworkInterface[] = [];
  readonly #indexes = new Map<string, number>();

  get size(): number {
    return this.#interfaces.length;
  }

  /** Adds an interface, or replaces the description of one with the same id; gives its number. */
  put(networkInterface: NetworkInterface): number {
    const id = networkInterface.NetworkInterfaceId ?? '';
    const known = this.#indexes.get(id);
    const index = known ?? this.#interfaces.length;
    this.#interfaces[index] = networkInterface;
    if (known === undefined) this.#indexes.set(id, index);
    return index;
  }

  get(index: number): NetworkInterface {
    return this.#interfaces[index];
  }

  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }
}
