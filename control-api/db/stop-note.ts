// A word in the data folder that says how its process ended: written when it is ready, and again when everything is closed.
// Whatever dies in between has not written its end, and that is what the next one finds.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, systemCodeOf } from '#core/errors'
import type { LabelsOf, Logger } from '#core/telemetry'

/** How a process ended, as the next one finds it; `first`: there is no word of any. */
export type PreviousStop = LabelsOf<'previous_stop'>['how']
/** `crashed` is what one says of a defect that ended it though it could still close everything. */
export type StopWord = Exclude<PreviousStop, 'first'>

const FILE = 'voicegate.stop'
/** What a process says of itself until it has ended. */
const RUNNING = 'running'

export interface StopNote {
  readonly previous: PreviousStop
  /** From here on this process counts. */
  begin(): void
  /** It is not simply `drained`. The worst that was said is written. */
  say(how: Exclude<StopWord, 'drained'>): void
  /** The last act of a process that has begun. */
  end(): void
}

/** The folder must be this process's own. A disk that does not take the word is told of, and stops nothing. */
export function openStopNote(folder: string, logger: Logger): StopNote {
  const path = join(folder, FILE)
  let word: StopWord = 'drained'
  let isRunning = false
  const write = (text: string): void => {
    try {
      // At once or not at all, and on the disk: a power cut must not bring back an older word.
      writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600, flush: true })
      renameSync(`${path}.new`, path)
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'how it ends cannot be noted in DATA_DIR')
    }
  }
  return {
    previous: readStop(path),
    begin() {
      if (isRunning) return
      isRunning = true
      write(RUNNING)
    },
    say(how) {
      if (word !== 'crashed') word = how
    },
    end() {
      if (isRunning) write(word)
    },
  }
}

function readStop(path: string): PreviousStop {
  try {
    const word = readFileSync(path, 'utf8').trim()
    return word === 'drained' || word === 'forced' ? word : 'crashed'
  } catch (error) {
    // One that is there and cannot be read tells of no good end.
    return systemCodeOf(error) === 'ENOENT' ? 'first' : 'crashed'
  }
}
