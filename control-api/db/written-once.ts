// Statements of which there are many a second and that differ in their values alone: Kysely writes the text of one, and
// the others have their values put in. (Writing the text takes longer than running the statement.)
import type { Compilable, CompiledQuery } from 'kysely'

/** Stands for a value while the text is written. */
class StandIn {
  readonly column: string

  constructor(column: string) {
    this.column = column
  }
}

/**
 * A maker of statements, whose text is written once for each set of columns.
 * @param build puts each value into the statement as it is given, and does nothing else with it: it is given stand-ins.
 * What it puts in itself is a part of the text.
 */
export function writtenOnce<V extends object>(
  build: (values: V) => Compilable,
): (values: V) => Compilable {
  // By their columns: the code names them, so they are few.
  const known = new Map<string, CompiledQuery>()
  const textFor = (columns: readonly string[]): CompiledQuery => {
    const key = columns.join()
    const text = known.get(key)
    if (text !== undefined) return text
    const standIns = columns.map((column) => [column, new StandIn(column)])
    const fresh = build(Object.fromEntries(standIns) as V).compile()
    known.set(key, fresh)
    return fresh
  }
  return (values) => {
    const text = textFor(Object.keys(values))
    const given = values as Readonly<Record<string, unknown>>
    const parameters = text.parameters.map((one) =>
      one instanceof StandIn ? given[one.column] : one,
    )
    return { compile: () => ({ ...text, parameters }) }
  }
}
