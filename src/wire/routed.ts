import type { Form } from './form.ts';
import type { OperationModel, ServiceModel } from './model.ts';

/** How a request and its answer are written. REST JSON without labels is `json`, as it is on the wire. */
export type Protocol = 'ec2' | 'query' | 'json' | 'cbor' | 'rest-xml';

/** Enough to answer an error as the client expects it. */
export interface Dialect {
  readonly protocol: Protocol;
  readonly service: ServiceModel | undefined;
}

/** A request whose operation is known. */
export interface Routed extends Dialect {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  /** The parameters of EC2 query and query. */
  readonly form?: Form;
  /** What REST XML has outside the body. */
  readonly rest?: RestHead;
}

/** The parts of a REST request that hold members, decoded. */
export interface RestHead {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** By names in lower case; those of repeated names joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}
