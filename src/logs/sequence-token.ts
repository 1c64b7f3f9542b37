/** AWS's are numbers of 56 digits, and have meant nothing since 2023. */
export function sequenceToken(number: number): string {
  return `49${String(number).padStart(54, '0')}`;
}
