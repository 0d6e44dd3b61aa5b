// The only maker of answer evidence. Imported by main.ts alone (dependency rule evidence-is-minted-by-the-
// composition-root); tests and benches may, to play the composition root.
import { randomBytes } from 'node:crypto'
import { sealAnswer, type MintAnswerEvidence } from './answer-evidence.ts'

/** One mint a process: `key` goes to the media workers, `mint` to gateway/sip. */
export function createAnswerMint(): {
  readonly mint: MintAnswerEvidence
  readonly key: Uint8Array
} {
  const key = randomBytes(32)
  return { key, mint: (answered) => ({ ...answered, seal: sealAnswer(answered, key) }) }
}
