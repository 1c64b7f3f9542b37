import { compiledPolicy, emptyPolicy, type PolicyDocument } from './policy-document.ts';

/** Documents of one request are few; more than this are not in use at a time. */
const keptDocuments = 2_000;

/** Policies by their text, made ready once. */
export class CompiledPolicies {
  readonly #documents = new Map<string, PolicyDocument>();

  /** What is no policy allows and denies nothing. */
  of(text: string): PolicyDocument {
    const known = this.#documents.get(text);
    if (known) return known;
    const document = compiledPolicy(text) ?? emptyPolicy;
    if (this.#documents.size >= keptDocuments) this.#forgetOldest();
    this.#documents.set(text, document);
    return document;
  }

  #forgetOldest(): void {
    for (const text of this.#documents.keys()) {
      this.#documents.delete(text);
      return;
    }
  }
}
