import { ec2Api } from '../src/api/ec2/ec2-api.ts';
import type { Action, Call, Target } from '../src/api/index.ts';
import { PageTokens } from '../src/wire/page-tokens.ts';
import { refusal } from './open-logs.ts';
import { OpenedResources } from './open-resources.ts';

const home = { accountId: '123456789012', region: 'us-east-1' };

/** The actions of EC2 over a store in a folder of its own, at a time that stands still until it is set. */
export class OpenedEc2 {
  readonly #opened: OpenedResources;
  readonly #actions: Readonly<Record<string, Action>>;
  readonly place: Call['place'];
  nowMs: number;

  private constructor(opened: OpenedResources, place: Call['place']) {
    const identity = { ...home, azId: 'use1-az1' };
    this.#opened = opened;
    this.#actions = ec2Api({ resources: opened.resources, identity }).actions;
    this.place = place;
    this.nowMs = opened.nowMs;
  }

  static async open(): Promise<OpenedEc2> {
    return new OpenedEc2(await OpenedResources.open(home), home);
  }

  /** The same resources, asked at another place. */
  at(place: Partial<Call['place']>): OpenedEc2 {
    return new OpenedEc2(this.#opened, { ...home, ...place });
  }

  get resources(): OpenedResources['resources'] {
    return this.#opened.resources;
  }

  // biome-ignore lint/suspicious/noExplicitAny: each test knows what its action answers
  async run(action: string, input: object = {}): Promise<any> {
    return this.#actions[action].run(input as never, this.#call(action));
  }

  /** `Code: sentence` of what an action answers instead. */
  async refused(action: string, input: object = {}): Promise<string> {
    return refusal(() => this.run(action, input));
  }

  targets(action: string, input: object = {}): readonly Target[] {
    return this.#actions[action].targets?.(input as never, this.#call(action)) ?? [];
  }

  #call(action: string): Call {
    const { place, nowMs } = this;
    return { place, action, service: 'ec2', nowMs, tokens: new PageTokens(new Uint8Array(32)) } as Call;
  }

  close(): Promise<void> {
    return this.#opened.close();
  }
}
