import { syncPath } from '../disk/index.ts';

interface Turn {
  readonly running: Promise<void>;
  next?: Promise<void>;
}

/** Names of folders are made durable: who asks while that is under way shares the next time with others. */
export class FolderSyncs {
  readonly #turns = new Map<string, Turn>();

  sync(folder: string): Promise<void> {
    const turn = this.#turns.get(folder);
    if (!turn) return this.#begin(folder);
    turn.next ??= turn.running.then(
      () => this.#begin(folder),
      () => this.#begin(folder),
    );
    return turn.next;
  }

  #begin(folder: string): Promise<void> {
    const running = syncPath(folder).finally(() => {
      if (this.#turns.get(folder) === turn && !turn.next) this.#turns.delete(folder);
    });
    const turn: Turn = { running };
    this.#turns.set(folder, turn);
    return running;
  }
}
