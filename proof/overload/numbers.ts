// Numbers that say which line they are of: a line is one telephone and its agent, called again and again.

const LINE_DIGITS = 5

/** @param call a count over the whole run: no number is called twice */
export const numberOf = (call: number, line: number): string =>
  `+4930${String(100 + (call % 900))}${String(line).padStart(LINE_DIGITS, '0')}`

export const lineOf = (number: string): number => Number(number.slice(-LINE_DIGITS))
