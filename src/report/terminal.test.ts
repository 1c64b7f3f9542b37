import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NamedPipe } from '../../test/named-pipe.ts';
import { folderOf } from '../../test/network-folder.ts';
import { Terminal } from './terminal.ts';

const clear = '\r\x1b[2K';

/** What is written, all of it. */
async function written(isTTY: boolean | undefined, use: (terminal: Terminal) => void, columns?: number) {
  const file = path.join(folderOf({}), 'out');
  const fd = openSync(file, 'w');
  onTestFinished(() => closeSync(fd));
  const terminal = new Terminal({
    fd,
    ...(isTTY === undefined ? {} : { isTTY }),
    ...(columns === undefined ? {} : { columns }),
  });
  use(terminal);
  await terminal.flush();
  return readFileSync(file, 'utf8');
}

describe('Terminal', () => {
  it.each([
    {
      name: 'a line',
      use: (terminal: Terminal) => terminal.line('one'),
      expected: 'one\n',
    },
    {
      name: 'what would steer it, as text',
      use: (terminal: Terminal) => terminal.line('ä\t\x1b]0;x\x07\r\x9b2J\nnext'),
      expected: 'ä\t\\x1b]0;x\\x07\\x0d\\x9b2J\nnext\n',
    },
    {
      name: 'a line above the status, which is cleared and written again',
      use: (terminal: Terminal) => {
        terminal.status('busy');
        terminal.line('one');
      },
      expected: `${clear}busy${clear}one\nbusy`,
    },
    {
      name: 'a status over the one before',
      use: (terminal: Terminal) => {
        terminal.status('1');
        terminal.status('2');
      },
      expected: `${clear}1${clear}2`,
    },
    {
      name: 'the same status once',
      use: (terminal: Terminal) => {
        terminal.status('1');
        terminal.status('1');
      },
      expected: `${clear}1`,
    },
    {
      name: 'nothing of a status that was cleared',
      use: (terminal: Terminal) => {
        terminal.status('busy');
        terminal.clearStatus();
        terminal.clearStatus();
        terminal.line('done');
      },
      expected: `${clear}busy${clear}done\n`,
    },
  ])('shows $name', async ({ use, expected }) => {
    expect(await written(true, use)).toBe(expected);
  });

  it('keeps the status within the last line, so that it can be cleared', async () => {
    expect(await written(true, (terminal) => terminal.status('0123456789'), 8)).toBe(`${clear}0123456`);
    expect(await written(true, (terminal) => terminal.status('x'.repeat(100)))).toBe(
      `${clear}${'x'.repeat(79)}`,
    );
  });

  it.each([{ isTTY: false }, { isTTY: undefined }])(
    'is lines and nothing else when isTTY is $isTTY',
    async ({ isTTY }) => {
      const text = await written(isTTY, (terminal) => {
        terminal.status('busy');
        terminal.line('one');
        terminal.status('busy again');
        terminal.clearStatus();
        terminal.line('two');
      });
      expect(text).toBe('one\ntwo\n');
    },
  );

  it('drops what cannot be written', async () => {
    const fd = openSync(path.join(folderOf({ out: '' }), 'out'), 'r');
    onTestFinished(() => closeSync(fd));
    const terminal = new Terminal({ fd });
    terminal.line('one');
    await terminal.flush();
  });

  it('remembers a bounded text for a reader that does not read on', async () => {
    const pipe = new NamedPipe();
    const terminal = new Terminal({ fd: pipe.writeFd });
    const line = 'x'.repeat(1023);
    for (let i = 0; i < 10_000; i++) terminal.line(line);
    let isFlushed = false;
    const flushed = terminal.flush().then(() => {
      isFlushed = true;
    });
    let bytes = 0;
    while (!isFlushed) {
      bytes += pipe.read().length;
      await setImmediate();
    }
    await flushed;
    bytes += pipe.read().length;
    expect(bytes).toBe(256 * 1024);
  });
});
