// The configuration itself: what is wrong in it, and what is valid but mostly a mistake.
import { configWarnings, type Compiled } from '#core/config'
import { fail, info, ok, warn, type Finding } from './finding.ts'

export function judgeConfig(compiled: Compiled): readonly Finding[] {
  if ('config' in compiled) {
    const what = compiled.config.rehearsal
      ? 'valid; nothing real is configured: this would be a rehearsal'
      : 'valid'
    const warnings = configWarnings(compiled.config).map(({ name, problem, todo }) =>
      warn('configuration', `${name} ${problem}`, todo),
    )
    return [ok('configuration', what), ...warnings]
  }
  return [
    ...compiled.problems.map(({ name, problem }) =>
      fail('configuration', `${name} ${problem}`, isInFile(name) ? MEND_FILE : MEND_SETTING),
    ),
    info('configuration', 'nothing else was checked: mend these first'),
  ]
}

const MEND_SETTING = 'Mend it in .env or the environment.'
const MEND_FILE = 'Mend it there (sip-config/README.md has every key).'

/** `file:line: …`: of the trunks file. */
const isInFile = (name: string): boolean => /:\d+:/.test(name)
