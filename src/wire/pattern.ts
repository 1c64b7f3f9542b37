const compiled = new Map<string, RegExp>();

/** Whether a whole text fits a pattern of a model; they are Java's. */
export function fits(text: string, pattern: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = compile(pattern);
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/**
 * Properties (`\p{L}`) need the mode that reads whole code points, where fewer characters may be escaped; the others
 * are read as Java reads them: `\u10000` is a character and a zero, as written in the models of IAM and STS.
 */
function compile(pattern: string): RegExp {
  const whole = `^(?:${pattern})$`;
  if (!pattern.includes('\\p{')) return new RegExp(whole);
  return new RegExp(whole.replace(/\\([_/#:=@,])/g, '$1'), 'u');
}
