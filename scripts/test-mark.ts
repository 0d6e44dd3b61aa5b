/** The name of the test that stands between a file and the next of the same process. */
export const markOf = (file: string): string => `end of ${file}`
