// `${NAME}` in a text of the trunks file becomes what the environment says; `$${` stands for the two characters.
export type Lookup = (name: string) => string | undefined

export interface Interpolated {
  /** Undefined when it has problems. */
  readonly text: string | undefined
  readonly names: readonly string[]
  readonly problems: readonly string[]
}

/** What is put in is not read again: it can bring neither variables nor YAML of its own. */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  const names: string[] = []
  const problems: string[] = []
  const filled = text.replaceAll(REFERENCE, (whole, escaped: string | undefined, inner: string) => {
    if (escaped !== undefined) return '${'
    const name = NAME.exec(inner)?.[1]
    if (name === undefined) {
      problems.push(
        'has ${ with no variable behind it: write ${NAME} in capitals, digits and _, or $${ for the two characters',
      )
      return whole
    }
    names.push(name)
    const value = lookup(name)
    if (value !== undefined) return value
    problems.push(`needs the variable ${name}, which is not set: set it in .env or the environment`)
    return whole
  })
  return { text: problems.length > 0 ? undefined : filled, names, problems }
}

/** Of the second what follows is looked at apart, so that a wrong one is found. */
const REFERENCE = /(\$\$\{)|\$\{([^}]*\}?)/g
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)\}$/
