/** Records could not be written to a destination. `retryable` tells whether the same write may succeed later. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly destination: string;
  readonly retryable: boolean;

  constructor(destination: string, retryable: boolean, message: string, options?: ErrorOptions) {
    super(`${destination}: ${message}`, options);
    this.destination = destination;
    this.retryable = retryable;
  }
}
