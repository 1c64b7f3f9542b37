/**
 * A value as it can stand in a record, which has no quoting: `-` when there is none; a space or a control character,
 * which a hostile description may hold, is percent-encoded. Ordinary values come back unchanged.
 */
export function fieldText(value: string | undefined): string {
  if (value === undefined || value === '') return '-';
  return /[\s\p{Cc}]/u.test(value) ? value.replace(/[\s\p{Cc}]/gu, percentEncode) : value;
}

/**
 * The value of a tag as AWS writes it: "all special characters" percent-encoded as UTF-8. Like the published examples
 * that includes the hyphen, so that `-` keeps its meaning; what stays is RFC 3986's unreserved set without it.
 */
export function tagText(value: string | undefined): string {
  if (value === undefined || value === '') return '-';
  return value.replace(/[^A-Za-z0-9_.~]+/g, percentEncode);
}

function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text)) {
    encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
