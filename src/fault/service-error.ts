/**
 * What an AWS service answers instead of a result: its error code (`ResourceNotFoundException`) and its sentence.
 * The command line prints the sentence and exits with 2; the API sends both.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  /** The HTTP status where it is not what the service's model says for the code, nor 400. */
  readonly status: number | undefined;
  /** Further members of the error's shape, by their names in the model. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    {
      status,
      members = {},
    }: { readonly status?: number; readonly members?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
