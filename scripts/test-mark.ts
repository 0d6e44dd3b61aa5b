/** The name of the test that stands between a file and the next of the same process. */
export const markOf = (file: string): string => `end of ${file}`

/** What a process says last: its tests are over, and how it means to exit. */
export const exitMark = (code: number): string => `# exits with ${code}`
export const exitCodeIn = (comment: string): number | undefined => {
  const told = /^# exits with (\d+)$/m.exec(comment)
  return told ? Number(told[1]) : undefined
}
