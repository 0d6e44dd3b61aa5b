// The days that somebody chose, as moments of the API: from the beginning of the first to the end of the last, in the
// reader's zone.
const DAY = /^\d{4}-\d{2}-\d{2}$/

const momentOf = (day: string, time: string): string | undefined => {
  const at = DAY.test(day) ? new Date(`${day}T${time}`) : undefined
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

export const startOf = (day: string): string | undefined => momentOf(day, '00:00:00')
export const endOf = (day: string): string | undefined => momentOf(day, '23:59:59.999')
