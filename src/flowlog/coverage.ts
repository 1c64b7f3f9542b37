/** Hot: `setOf` is called once for each flow. */
import { invariant } from '../fault/index.ts';
import type { RecordContext } from '../record/index.ts';
import { formerInterfaces } from '../vpc/index.ts';
import type { FlowLogResource } from './kinds.ts';

/** The flow logs that record an interface; the same ones have the same number. */
export interface CoverageSet {
  /** From 0, which is that of no flow log. */
  readonly number: number;
  /** Places in the list that the coverage was made of, ascending. */
  readonly members: readonly number[];
}

interface Covered {
  readonly facts: ReturnType<RecordContext['facts']>;
  readonly set: CoverageSet;
}

const nothing: CoverageSet = { number: 0, members: [] };

/**
 * Which of some flow logs record which interface: those on the interface itself, on its subnet and on its VPC, be it
 * younger than they are, or managed by a service. What changes the network changes the answer; other flow logs make
 * another coverage.
 */
export class Coverage {
  readonly sets: CoverageSet[] = [nothing];
  readonly #view: RecordContext;
  readonly #byResource = new Map<string, number[]>();
  readonly #interfaces: (Covered | undefined)[] = [];
  /** Interfaces of earlier runs have numbers that would make holes in a list. */
  readonly #formers = new Map<number, Covered>();
  readonly #known = new Map<string, CoverageSet>([['', nothing]]);

  constructor(flowLogs: readonly Pick<FlowLogResource, 'ResourceId'>[], view: RecordContext) {
    this.#view = view;
    for (const [place, { ResourceId }] of flowLogs.entries()) {
      const known = this.#byResource.get(ResourceId);
      if (known) known.push(place);
      else this.#byResource.set(ResourceId, [place]);
    }
  }

  setOf(interfaceIndex: number): CoverageSet {
    // Facts are made anew when the network changes.
    const facts = this.#view.facts(interfaceIndex);
    const isFormer = interfaceIndex >= formerInterfaces;
    const known = isFormer ? this.#formers.get(interfaceIndex) : this.#interfaces[interfaceIndex];
    if (known?.facts === facts) return known.set;
    const set = this.#find([facts.interfaceId, facts.subnetId, facts.vpcId]);
    if (isFormer) this.#formers.set(interfaceIndex, { facts, set });
    else this.#interfaces[interfaceIndex] = { facts, set };
    return set;
  }

  covers(flowLog: number, interfaceIndex: number): boolean {
    return this.setOf(interfaceIndex).members.includes(flowLog);
  }

  #find(resourceIds: readonly (string | undefined)[]): CoverageSet {
    const members = resourceIds.flatMap((id) => (id === undefined ? [] : (this.#byResource.get(id) ?? [])));
    members.sort((a, b) => a - b);
    const key = members.join();
    const known = this.#known.get(key);
    if (known) return known;
    invariant(key !== '', 'the empty set is known');
    const set = { number: this.sets.length, members };
    this.sets.push(set);
    this.#known.set(key, set);
    return set;
  }
}
