// The words of an animation as its name: no longer than a line.
const MOST_LETTERS = 40

export const shortened = (text: string): string =>
  text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)} …`
