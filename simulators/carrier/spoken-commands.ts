// Lines typed into the running carrier: what a test does by a method call, somebody at a terminal does by a word.
import { createInterface } from 'node:readline'
import { messageOf } from '#core/errors'
import type { Carrier } from './carrier.ts'
import { NAMED_SCRIPTS, type ScriptName } from './named-scripts.ts'

interface Command {
  readonly says: string
  readonly what: string
  run(carrier: Carrier, words: readonly string[]): string | Promise<string>
}

const isScriptName = (name: string): name is ScriptName => Object.hasOwn(NAMED_SCRIPTS, name)

const CALLER = '+4930900000'

const COMMANDS: Readonly<Record<string, Command>> = {
  bindings: { says: 'bindings', what: 'who is registered, where, for how long', run: bindingsOf },
  register: {
    says: 'register ok|refuse|silent|unavailable',
    what: 'how REGISTER is answered from now on',
    run({ registrar }, [how]) {
      if (how === 'ok') registrar.fail(undefined)
      else if (how === 'refuse' || how === 'silent' || how === 'unavailable') registrar.fail(how)
      else return 'register ok, refuse, silent or unavailable'
      return `REGISTER from now on: ${how}`
    },
  },
  drop: {
    says: 'drop',
    what: 'forgets who is registered, and tells nobody',
    run({ registrar }) {
      registrar.dropBindings()
      return 'all bindings are forgotten'
    },
  },
  realm: {
    says: 'realm NAME',
    what: 'challenges for another realm from now on',
    run({ registrar }, [name]) {
      if (name === undefined) return 'realm NAME'
      registrar.changeRealm(name)
      return `the realm is ${name}`
    },
  },
  options: {
    says: 'options ok|silent|unavailable',
    what: 'how OPTIONS is answered from now on',
    run(carrier, [how]) {
      if (how === 'ok') carrier.failOptions(undefined)
      else if (how === 'silent' || how === 'unavailable') carrier.failOptions(how)
      else return 'options ok, silent or unavailable'
      return `OPTIONS from now on: ${how}`
    },
  },
  call: {
    says: 'call USER [SCRIPT]',
    what: 'calls a registered account; default callerTalks',
    async run(carrier, [account, script = 'callerTalks']) {
      if (account === undefined) return 'call USER [SCRIPT]'
      if (!isScriptName(script)) return `there is no script ${script}`
      await carrier.call({ to: { account }, from: CALLER, script })
      return `calling ${account}`
    },
  },
}

function bindingsOf({ registrar }: Carrier): string {
  const lines = registrar.bindings.map(({ user, contactUri, expiresAt }) => {
    return `${user} at ${contactUri} for ${Math.round((expiresAt - Date.now()) / 1000)} s`
  })
  return lines.length === 0 ? 'nobody is registered' : lines.join('\n')
}

export function commandHelp(): string[] {
  const all = Object.values(COMMANDS)
  const width = Math.max(...all.map(({ says }) => says.length))
  return all.map(({ says, what }) => `${says.padEnd(width)}  ${what}`)
}

/** Obeys what is typed until it is closed, or nothing more can be typed. */
export function obeyTyped(carrier: Carrier, print: (line: string) => void): { close(): void } {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const [word = '', ...words] = line.trim().split(/\s+/)
    if (word === '') return
    const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
    if (command === undefined) {
      print([`there is no command ${word}; there is:`, ...commandHelp()].join('\n  '))
      return
    }
    Promise.resolve()
      .then(() => command.run(carrier, words))
      .then(print, (error: unknown) => print(`that did not work: ${messageOf(error)}`))
  })
  return { close: () => lines.close() }
}
