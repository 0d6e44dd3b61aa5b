// Waits for several answers of which the first in the list matters most: none that comes late holds up a call.

/** What is less wanted than an answer already there gets so long to come too. */
const GRACE_MS = 200

export interface GatherOptions<T> {
  readonly isUseful: (answer: T) => boolean
  /** Then what is there has to do. */
  readonly expired: Promise<void>
}

/** The answers in the order of the questions; `undefined` for what did not come in time. The questions never reject. */
export function gather<T>(
  questions: readonly Promise<T>[],
  { isUseful, expired }: GatherOptions<T>,
): Promise<readonly (T | undefined)[]> {
  return new Promise((resolve) => {
    const answers = new Map<number, T>()
    let grace: NodeJS.Timeout | undefined
    const finish = (): void => {
      clearTimeout(grace)
      resolve(questions.map((_, index) => answers.get(index)))
    }
    if (questions.length === 0) finish()
    for (const [index, question] of questions.entries()) {
      void question.then((answer) => {
        answers.set(index, answer)
        if (answers.size === questions.length) finish()
        else if (bestIsThere(questions.length, answers, isUseful)) {
          grace ??= setTimeout(finish, GRACE_MS).unref()
        }
      })
    }
    void expired.then(finish)
  })
}

/** Whether nothing that is still to come could stand before the first useful answer. */
function bestIsThere<T>(
  count: number,
  answers: ReadonlyMap<number, T>,
  isUseful: (answer: T) => boolean,
): boolean {
  for (let index = 0; index < count; index += 1) {
    const answer = answers.get(index)
    if (answer === undefined) return false
    if (isUseful(answer)) return true
  }
  return false
}
