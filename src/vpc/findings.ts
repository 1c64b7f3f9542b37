/** What a user can take in; the rest is counted. Bounds the memory that hostile files can claim. */
const mostListed = 1000;
const longestShown = 80;

/** What is wrong, and what is odd, in a network's files. Each text begins with the place: `File.json: $.Path`. */
export class Findings {
  readonly #errors: string[] = [];
  readonly #warnings = new Map<string, string>();
  #errorCount = 0;
  #warningCount = 0;

  get errorCount(): number {
    return this.#errorCount;
  }

  /** The errors in the order they were found, the last line counting those beyond the limit. */
  get errors(): string[] {
    return listed(this.#errors, this.#errorCount, 'errors');
  }

  get warnings(): string[] {
    return listed([...this.#warnings.values()], this.#warningCount, 'warnings');
  }

  error(place: string, found: unknown, expected: string): void {
    this.fault(place, `found ${shown(found)}, expected ${expected}`);
  }

  fault(place: string, text: string): void {
    this.#errorCount++;
    if (this.#errors.length < mostListed) this.#errors.push(`${place}: ${text}`);
  }

  /** Warnings with one subject are one warning: the first. */
  warn(subject: string, text: string): void {
    if (this.#warnings.has(subject)) return;
    this.#warningCount++;
    if (this.#warnings.size < mostListed) this.#warnings.set(subject, text);
  }
}

function listed(texts: readonly string[], count: number, what: string): string[] {
  const more = count - texts.length;
  return more > 0 ? [...texts, `… ${more} more ${what}`] : [...texts];
}

/** As JSON, shortened, with nothing in it that a terminal would act upon. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? value.slice(0, longestShown + 1) : value;
  const json = JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
  return json.length > longestShown ? `${json.slice(0, longestShown)}…` : json;
}
