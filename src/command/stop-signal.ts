/** The exit code of a command that a signal ended. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What SIGINT, SIGTERM and SIGHUP ask a command to do: to stop, and a second one at once. */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #stop = (signal: NodeJS.Signals): void => {
    const code = codes[signal as keyof typeof codes];
    if (this.signal.aborted) process.exit(code);
    this.exitCode = code;
    this.#controller.abort();
  };
  exitCode = 0;

  constructor() {
    for (const name of Object.keys(codes)) process.on(name, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    for (const name of Object.keys(codes)) process.off(name, this.#stop);
  }
}
