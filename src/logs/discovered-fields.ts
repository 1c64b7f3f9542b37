import type { LogFormat } from '../record/index.ts';

/** What Insights discovers in one event at most. */
const maxFields = 200;

/** The fields of an event besides the system's, by name: of a record, or of JSON with nested keys joined by dots. */
export function discoveredFields(message: string, format: LogFormat | undefined): Record<string, string> {
  if (format) return recordFields(message, format);
  const found: Record<string, string> = {};
  const value = /^\s*[{[]/.test(message) ? parsedJson(message) : undefined;
  if (typeof value === 'object' && value !== null) collect(value, '', found, { left: maxFields });
  return found;
}

function recordFields(message: string, format: LogFormat): Record<string, string> {
  const tokens = message.split(/ +/);
  return Object.fromEntries(
    format.fields.flatMap(({ insights }, i) => (tokens[i] === undefined ? [] : [[insights, tokens[i]]])),
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON after all: a text without fields.
    return undefined;
  }
}

function collect(value: object, path: string, found: Record<string, string>, room: { left: number }): void {
  for (const [key, member] of Object.entries(value)) {
    if (room.left === 0) return;
    // A field whose own name begins with @ gets another.
    const name = path === '' ? key.replace(/^@/, '@@') : `${path}.${key}`;
    if (typeof member === 'object' && member !== null) collect(member, name, found, room);
    else if (member !== null) {
      found[name] = String(member);
      room.left--;
    }
  }
}
