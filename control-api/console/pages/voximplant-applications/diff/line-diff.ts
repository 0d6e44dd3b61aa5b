// Two texts line by line, what stays the same folded where it is long. Pure.
import { diffLines } from 'diff'

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** From 1, in the text before and in the one after; null: it is not there. */
  readonly before: number | null
  readonly after: number | null
}

export type DiffPart =
  | { readonly kind: 'lines'; readonly lines: readonly DiffLine[] }
  /** Unchanged; shown when somebody asks. */
  | { readonly kind: 'fold'; readonly lines: readonly DiffLine[] }

export interface Diff {
  readonly parts: readonly DiffPart[]
  readonly added: number
  readonly removed: number
}

/** Around what changed. */
const CONTEXT = 3
/** Fewer lines are not worth a button. */
const FEWEST_FOLDED = 4

export function diffOf(before: string, after: string): Diff {
  const lines = linesOf(before, after)
  const isNear = nearChanges(lines)
  const runs: { isNear: boolean; lines: DiffLine[] }[] = []
  lines.forEach((line, at) => {
    const near = isNear[at] ?? true
    const last = runs.at(-1)
    if (last?.isNear === near) last.lines.push(line)
    else runs.push({ isNear: near, lines: [line] })
  })
  return {
    parts: runs.map((run) => {
      const isFolded = !run.isNear && run.lines.length >= FEWEST_FOLDED
      return { kind: isFolded ? 'fold' : 'lines', lines: run.lines }
    }),
    added: lines.filter(({ kind }) => kind === 'added').length,
    removed: lines.filter(({ kind }) => kind === 'removed').length,
  }
}

function linesOf(before: string, after: string): readonly DiffLine[] {
  const lines: DiffLine[] = []
  const at = { before: 0, after: 0 }
  for (const { value, added, removed } of diffLines(before, after))
    for (const text of split(value)) {
      if (!added) at.before += 1
      if (!removed) at.after += 1
      lines.push({
        kind: added ? 'added' : removed ? 'removed' : 'same',
        text,
        before: added ? null : at.before,
        after: removed ? null : at.after,
      })
    }
  return lines
}

/** The end of the last line begins no other. */
function split(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function nearChanges(lines: readonly DiffLine[]): readonly boolean[] {
  const near = lines.map(() => false)
  lines.forEach(({ kind }, at) => {
    if (kind !== 'same') near.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1)
  })
  return near
}
