import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldTableMarkdown, fieldTableText } from './field-table.ts';
import { fields } from './fields.ts';

const page = path.resolve(import.meta.dirname, '../../docs/40-record-fields.md');

describe('fieldTableText', () => {
  it('has a line for every field, in columns', () => {
    const lines = fieldTableText().split('\n');
    const column = lines[0].indexOf('MEANING');
    for (const field of fields) {
      const line = lines.find((candidate) => candidate.startsWith(`${field.token} `));
      expect(line?.slice(column), field.token).toBe(field.meaning.replaceAll('`', ''));
    }
  });

  it('says whether and when a field is missing', () => {
    const text = fieldTableText();
    expect(text).toMatch(
      /^ecs-task-id +7 +string +no +.*\n +- always: Headgate does not ask Amazon ECS about tasks$/m,
    );
    expect(text).toMatch(/^initiator +headgate +string +yes +.*\n +- when it began before the capture did$/m);
    expect(text).not.toContain('`');
  });
});

describe('the page of the documentation', () => {
  // `npx vitest run -u src/record` writes the table anew and leaves what stands before it.
  it('ends in the table', async () => {
    const before = readFileSync(page, 'utf8').split('| field |')[0];
    await expect(before + fieldTableMarkdown()).toMatchFileSnapshot(page);
  });
});
