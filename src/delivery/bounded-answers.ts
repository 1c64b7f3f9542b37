import { Readable } from 'node:stream';

/** Of any answer that delivery reads: AWS's longest, of a PutRecordBatch, is an eighth of it. */
const mostBytes = 1024 * 1024;

/** A server that says more than any of AWS's would. */
class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

interface Answered {
  response: unknown;
}

type Handler<Input, Output> = (input: Input) => Promise<Output>;

/** For a client's stack, in its step `deserialize`: the SDK would read an answer into memory whatever its length. */
export const boundedAnswers =
  <Input, Output extends Answered>(next: Handler<Input, Output>): Handler<Input, Output> =>
  async (input) => {
    const answered = await next(input);
    const response = answered.response as { body?: unknown };
    if (response.body instanceof Readable) {
      response.body = Readable.from(bounded(response.body), { objectMode: false });
    }
    return answered;
  };

async function* bounded(body: Readable): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new AnswerTooLarge(`the answer is longer than ${mostBytes} bytes`);
    yield piece;
  }
}
