import type { Form } from './form.ts';
import type { OperationModel, ServiceModel } from './model.ts';

/** How a request and its answer are written. REST JSON without labels is `json`, as it is on the wire. */
export type Protocol = 'ec2' | 'query' | 'json' | 'cbor';

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
}
