// CallFlows played by the test: it says which turns follow, and remembers what was answered.
import {
  ms,
  type CallFlows,
  type FlowAnswer,
  type FlowThen,
  type FlowTurn,
  type SpokenPart,
} from '../../../../core/contracts/index.ts'

export const LISTENS: Extract<FlowThen, { kind: 'listen' }> = {
  kind: 'listen',
  maxDigits: 1,
  finishOnKey: null,
  timeout: ms(5000),
  keepsDigits: true,
}

export const words = (text: string): SpokenPart => ({ kind: 'words', text })

export const aTurn = (turn: Partial<FlowTurn> = {}): FlowTurn => ({
  step: 'consent',
  attempt: 1,
  language: 'de',
  say: [words('Guten Tag.')],
  then: LISTENS,
  mayRecord: false,
  ...turn,
})

export const HANGS_UP = aTurn({
  step: 'end',
  say: [words('Tschüss.')],
  then: { kind: 'hang-up', reason: 'flow-ended' },
})

type Given = FlowTurn | Error | 'never'

export class ScriptedFlows implements CallFlows {
  readonly begun: { readonly callId: string; readonly hasAgent: boolean }[] = []
  readonly answers: FlowAnswer[] = []
  readonly #turns: Given[]

  constructor(...turns: Given[]) {
    this.#turns = turns
  }

  begin({ callId }: { readonly callId: string }, { hasAgent }: { readonly hasAgent: boolean }) {
    this.begun.push({ callId, hasAgent })
    return this.#next()
  }

  advance(_callId: string, answer: FlowAnswer): Promise<FlowTurn> {
    this.answers.push(answer)
    return this.#next()
  }

  #next(): Promise<FlowTurn> {
    const turn = this.#turns.shift()
    if (turn === undefined) return Promise.reject(new Error('no turn is left'))
    if (turn === 'never') return new Promise(() => undefined)
    return turn instanceof Error ? Promise.reject(turn) : Promise.resolve(turn)
  }
}
