/**
 * The user asked for something that cannot be done as asked: an option, a rules file, a missing privilege.
 * The command line prints `message` (and each of `details` on a line of its own) and exits with 2.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: string;
  readonly details: readonly string[];

  constructor(code: string, message: string, details: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
