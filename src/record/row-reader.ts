/**
 * Hot: `read` runs once per flow. It allocates when it meets an address, an interface, a cause or a path for the
 * first time, and to grow its tables.
 */
import {
  type FlowRows,
  kindDirection,
  kindFamily,
  kindProtocol,
  outcomeAccepted,
  outcomeInitiator,
  rowWords,
  word,
} from '../flow/flow-row.ts';
import { type Direction, direction } from '../policy/answer.ts';
import type { InterfaceFacts } from '../vpc/interface-facts.ts';
import type { Path } from '../vpc/path-finder.ts';
import { AddressNumbers, TextNumbers } from './dictionaries.ts';
import { fieldText } from './field-text.ts';
import type { LogFormat } from './log-format.ts';
import type { RecordContext, TagKeys } from './record-context.ts';
import { type Part, part, shownBy } from './shown-by.ts';
import { TupleTable } from './tuple-table.ts';

interface KnownInterface {
  /** Number of what the format shows of the interface. */
  readonly shown: number;
  readonly primary: number | undefined;
}

/** Turns flow rows into tuples of the parts that a format shows, such that equal tuples mean equal records. */
export class RowReader {
  /** Which parts, in the order of the tuple; `window` is the first, since windows are never merged here. */
  readonly parts: readonly Part[];
  readonly addresses = new AddressNumbers();
  readonly interfaces = new TextNumbers();
  readonly paths = new TextNumbers();
  readonly services = new TextNumbers();
  readonly causes = new TextNumbers();

  readonly #rows: FlowRows;
  readonly #context: RecordContext;
  readonly #readInterface: (facts: InterfaceFacts) => string[];
  readonly #readPath: (path: Path) => string[];
  readonly #known = new Map<number, KnownInterface>();
  readonly #causeNumbers = new Map<number, number>();
  readonly #serviceNumbers: number[] = [];
  readonly #ways = new TupleTable(2);
  readonly #wayPaths: number[] = [];

  constructor(rows: FlowRows, context: RecordContext, format: LogFormat, tagKeys: TagKeys) {
    this.#rows = rows;
    this.#context = context;
    this.parts = partsOf(format);
    const interfaceReads = format.fields
      .map(({ token }) => shownBy[token])
      .filter((by) => by.from === 'interface');
    const pathReads = format.fields.map(({ token }) => shownBy[token]).filter((by) => by.from === 'path');
    this.#readInterface = (facts) => interfaceReads.map(({ read }) => read(facts, tagKeys));
    this.#readPath = (path) => pathReads.map(({ read }) => read(path));
  }

  read(row: number, tuple: Int32Array): void {
    const base = row * rowWords;
    const { parts } = this;
    for (let i = 0; i < parts.length; i++) tuple[i] = this.#part(parts[i], base);
  }

  #part(which: Part, base: number): number {
    const { words } = this.#rows;
    switch (which) {
      case part.window:
        return words[base + word.window];
      case part.interface:
        return this.#interface(words[base + word.interface]).shown;
      case part.source:
        return this.#ownSide(base, direction.egress, word.src);
      case part.destination:
        return this.#ownSide(base, direction.ingress, word.dst);
      case part.packetSource:
        return this.#address(base, word.src);
      case part.packetDestination:
        return this.#address(base, word.dst);
      case part.sourcePort:
        return words[base + word.ports] >>> 16;
      case part.destinationPort:
        return words[base + word.ports] & 0xffff;
      case part.protocol:
        return kindProtocol(words[base + word.kind]);
      case part.family:
        return kindFamily(words[base + word.kind]) === 6 ? 1 : 0;
      case part.direction:
        return kindDirection(words[base + word.kind]);
      case part.action:
        return outcomeAccepted(words[base + word.outcome]) ? 1 : 0;
      case part.initiator:
        return outcomeInitiator(words[base + word.outcome]);
      case part.cause:
        return this.#cause(words[base + word.cause]);
      case part.sourceService:
        return this.#service(this.#address(base, word.src));
      case part.destinationService:
        return this.#service(this.#address(base, word.dst));
      case part.path:
        return this.#path(base);
    }
  }

  #address(base: number, side: number): number {
    const { words } = this.#rows;
    const at = base + side;
    const family = kindFamily(words[base + word.kind]);
    return this.addresses.number(family, words[at], words[at + 1], words[at + 2], words[at + 3]);
  }

  /**
   * The source of egress, or the destination of ingress: over IPv4 the interface's primary private address, whatever
   * the packet says (AWS's page "Flow log limitations"; it leaves open egress from a secondary address, which is
   * treated as ingress to one). All else is the packet's.
   */
  #ownSide(base: number, ownDirection: Direction, side: number): number {
    const { words } = this.#rows;
    const kind = words[base + word.kind];
    if (kindFamily(kind) === 4 && kindDirection(kind) === ownDirection) {
      const { primary } = this.#interface(words[base + word.interface]);
      if (primary !== undefined) return this.addresses.number(4, 0, 0, 0, primary);
    }
    return this.#address(base, side);
  }

  #interface(index: number): KnownInterface {
    const known = this.#known.get(index);
    if (known) return known;
    const facts = this.#context.facts(index);
    const made = { shown: this.interfaces.number(this.#readInterface(facts)), primary: facts.primaryIpv4 };
    this.#known.set(index, made);
    return made;
  }

  #cause(index: number): number {
    const known = this.#causeNumbers.get(index);
    if (known !== undefined) return known;
    const number = this.causes.number([fieldText(this.#context.causes[index])]);
    this.#causeNumbers.set(index, number);
    return number;
  }

  #service(address: number): number {
    const known = this.#serviceNumbers[address];
    if (known !== undefined) return known;
    const service = this.#context.awsService(this.addresses.address(address));
    const number = this.services.number([fieldText(service)]);
    this.#serviceNumbers[address] = number;
    return number;
  }

  #path(base: number): number {
    const { words } = this.#rows;
    const index = words[base + word.interface];
    const flowDirection = kindDirection(words[base + word.kind]);
    const peer = this.#address(base, flowDirection === direction.egress ? word.dst : word.src);
    this.#ways.tuple[0] = (index << 1) | flowDirection;
    this.#ways.tuple[1] = peer;
    const way = this.#ways.intern();
    const known = this.#wayPaths[way];
    if (known !== undefined) return known;
    const path = this.#context.pathTo(index, flowDirection, this.addresses.address(peer));
    const number = this.paths.number(this.#readPath(path));
    this.#wayPaths[way] = number;
    return number;
  }
}

function partsOf(format: LogFormat): Part[] {
  const parts = new Set<Part>([part.window]);
  for (const { token } of format.fields) {
    const by = shownBy[token];
    if (by.from === 'interface') parts.add(part.interface);
    else if (by.from === 'path') parts.add(part.path);
    else if ('part' in by) parts.add(by.part);
  }
  return [...parts];
}
