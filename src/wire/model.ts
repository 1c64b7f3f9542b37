import { invariant } from '../fault/index.ts';

export type ScalarType =
  | 'string'
  | 'integer'
  | 'long'
  | 'float'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'blob';

/** What the model says a value must satisfy; of what clients send only. */
export interface Constraints {
  readonly enum?: readonly string[];
  /** Of numbers the value, of strings the characters, of lists and maps the entries. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  /** Not to be shown in errors. */
  readonly sensitive?: boolean;
}

export interface ScalarShape extends Constraints {
  readonly name: string;
  readonly type: ScalarType;
  readonly timestampFormat?: string;
}

export interface ListShape extends Constraints {
  readonly name: string;
  readonly type: 'list';
  readonly member: Member;
  readonly flattened?: boolean;
}

export interface MapShape extends Constraints {
  readonly name: string;
  readonly type: 'map';
  readonly key: Member;
  readonly value: Member;
  readonly flattened?: boolean;
}

export interface StructureShape extends Constraints {
  readonly name: string;
  readonly type: 'structure';
  readonly required?: readonly string[];
  readonly members: readonly Member[];
  /** Has one member of them. */
  readonly union?: boolean;
  readonly eventstream?: boolean;
  /** An error, among the events of a stream. */
  readonly exception?: boolean;
  /** Of REST XML: the member that is the body. */
  readonly payload?: string;
  /** Of REST XML: its element's name, where it is another. */
  readonly locationName?: string;
  /** Of its attributes. */
  readonly xmlNamespace?: { readonly prefix?: string; readonly uri: string };
}

/** Where REST XML has a member; in the body when absent. */
export type Location = 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';

export type Shape = ScalarShape | ListShape | MapShape | StructureShape;

/** A member of a structure, or what lists and maps are made of (whose `name` is empty). */
export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** Its name on the wire, where it is another. */
  readonly locationName?: string;
  /** Its name in EC2's requests, where it is not the capitalised `locationName`. */
  readonly queryName?: string;
  readonly eventpayload?: boolean;
  readonly eventheader?: boolean;
  readonly location?: Location;
  /** Of REST XML: as if its list were. */
  readonly flattened?: boolean;
  /** A body that is read and written as it comes. */
  readonly streaming?: boolean;
  readonly xmlAttribute?: boolean;
}

export interface OperationModel {
  readonly name: string;
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
  /** Of query's answers. */
  readonly resultWrapper?: string;
  /** Of REST's requests; of REST XML with labels, and with the names that the query must have. */
  readonly path?: string;
  /** Of REST XML's requests. */
  readonly method?: string;
  /** Of REST XML's answers, where it is not 200. */
  readonly status?: number;
  readonly hostPrefix?: string;
}

export interface ErrorModel {
  /** Its code in query's answers, and in EC2's. */
  readonly code: string;
  /** The name of its shape: its code in JSON and CBOR. */
  readonly type: string;
  readonly status: number;
  /** Its members, where it has others than the message. */
  readonly shape: StructureShape | undefined;
}

export type ModelProtocol = 'ec2' | 'query' | 'json' | 'smithy-rpc-v2-cbor' | 'rest-json' | 'rest-xml';

/** A service of AWS: its served operations and their shapes. */
export interface ServiceModel {
  readonly name: string;
  readonly signingName: string;
  readonly apiVersion: string;
  readonly protocols: readonly ModelProtocol[];
  readonly xmlNamespace?: string;
  readonly targetPrefix?: string;
  readonly jsonVersion?: string;
  /** Once spoke query: its errors keep their old codes, in a header. */
  readonly isQueryCompatible?: boolean;
  readonly operationNames: readonly string[];
  operation(name: string): OperationModel | undefined;
  /** By either of its codes. */
  error(code: string): ErrorModel | undefined;
}

type MemberText = string | ({ readonly shape: string } & Readonly<Record<string, unknown>>);

interface ShapeText extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly members?: Readonly<Record<string, MemberText>>;
  readonly member?: MemberText;
  readonly key?: MemberText;
  readonly value?: MemberText;
}

interface OperationText extends Readonly<Record<string, unknown>> {
  readonly input?: string;
  readonly output?: string;
}

interface ErrorText {
  readonly status: number;
  readonly type?: string;
  readonly shape?: string;
}

/** As tools/extract-models.mjs writes it. */
interface ModelText {
  readonly service: Omit<ServiceModel, 'name' | 'operationNames' | 'operation' | 'error'>;
  readonly operations: Readonly<Record<string, OperationText>>;
  readonly errors: Readonly<Record<string, ErrorText>>;
  readonly shapes: Readonly<Record<string, ShapeText>>;
}

/** Shapes that refer to each other, made when they are first reached: most requests need few. */
class Shapes {
  readonly #texts: Readonly<Record<string, ShapeText>>;
  readonly #linked = new Map<string, Shape>();

  constructor(texts: Readonly<Record<string, ShapeText>>) {
    this.#texts = texts;
  }

  shape(name: string): Shape {
    const known = this.#linked.get(name);
    if (known) return known;
    const { members, member, key, value, ...facts } = this.#texts[name];
    const shape: Record<string, unknown> = { name, ...facts };
    this.#linked.set(name, shape as unknown as Shape);
    if (shape.type === 'structure') {
      shape.members = Object.entries(members ?? {}).map(([each, text]) => this.#member(each, text));
    }
    if (member) shape.member = this.#member('', member);
    if (key && value) {
      shape.key = this.#member('', key);
      shape.value = this.#member('', value);
    }
    return shape as unknown as Shape;
  }

  structure(name: string | undefined): StructureShape | undefined {
    if (name === undefined) return undefined;
    const shape = this.shape(name);
    invariant(shape.type === 'structure', `${name} is a structure`);
    return shape;
  }

  #member(name: string, text: MemberText): Member {
    if (typeof text === 'string') return { name, shape: this.shape(text) };
    return { ...text, name, shape: this.shape(text.shape) };
  }
}

/** @param json as tools/extract-models.mjs writes it */
export function parseModel(name: string, json: string): ServiceModel {
  const { service, operations, errors, shapes: texts } = JSON.parse(json) as ModelText;
  const shapes = new Shapes(texts);
  const operation = remembered(
    operations,
    (text, operationName): OperationModel => ({
      ...text,
      name: operationName,
      input: shapes.structure(text.input),
      output: shapes.structure(text.output),
    }),
  );
  const error = remembered(
    byEitherCode(errors),
    ({ shape, ...facts }): ErrorModel => ({
      ...facts,
      shape: shapes.structure(shape),
    }),
  );
  return { name, ...service, operationNames: Object.keys(operations), operation, error };
}

type NamedError = ErrorText & { readonly code: string; readonly type: string };

function byEitherCode(errors: ModelText['errors']): Readonly<Record<string, NamedError>> {
  const named = Object.entries(errors).map(([code, error]) => ({ ...error, code, type: error.type ?? code }));
  return Object.fromEntries(
    named.flatMap((error) => [
      [error.type, error],
      [error.code, error],
    ]),
  );
}

/** What is made of an entry when it is first asked for. */
function remembered<Text, Made>(
  texts: Readonly<Record<string, Text>>,
  make: (text: Text, name: string) => Made,
): (name: string) => Made | undefined {
  const made = new Map<string, Made>();
  return (name) => {
    if (!made.has(name) && Object.hasOwn(texts, name)) made.set(name, make(texts[name], name));
    return made.get(name);
  };
}
