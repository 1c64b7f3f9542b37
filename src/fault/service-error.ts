/**
 * What an AWS service answers instead of a result: its error code (`ResourceNotFoundException`) and its sentence.
 * The command line prints the sentence and exits with 2; the API sends both.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
