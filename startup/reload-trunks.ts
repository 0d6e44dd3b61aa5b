// Reads the trunks file anew while we run: whole and right, or not at all. What it says of numbers goes the same way.
import { isDeepStrictEqual } from 'node:util'
import { readTrunks, type Config, type TrunksReading } from '#core/config'
import type { NumberRoute, Trunk } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { trunksOf } from './outside.ts'

export interface TrunkReloadDeps {
  readonly logger: Logger
  readonly gateway: { replaceTrunks(trunks: readonly Trunk[]): void }
  /** Who answers which number, from now on. */
  readonly onNumbers: (numbers: readonly NumberRoute[]) => void
  /** Another reader, for tests. */
  readonly read?: () => TrunksReading
}

/** What SIGHUP does (startup/end-on-signals.ts). Never throws: a slip of an editor ends nobody's call. */
export function createTrunkReload(deps: TrunkReloadDeps, config: Config): () => void {
  const { logger, gateway, onNumbers, read = () => readTrunks(config) } = deps
  let { trunks, numbers } = config
  return () => {
    try {
      const reading = read()
      if ('problems' in reading) {
        for (const { name, problem } of reading.problems) logger.error(`${name} ${problem}`)
        logger.error(
          { problems: reading.problems.length },
          'the trunks file is not right: the trunks stay as they are',
        )
        return
      }
      const changes = differences(trunks, reading.set.trunks)
      const isSame = isDeepStrictEqual(numbers, reading.set.numbers)
      // In rehearsal there are none, and the simulated one is not ours to take away.
      if (!config.rehearsal) gateway.replaceTrunks(trunksOf(config, reading.set.trunks))
      onNumbers(reading.set.numbers)
      ;({ trunks, numbers } = reading.set)
      logger.info(
        { ...changes, numbers: isSame ? 'unchanged' : 'changed' },
        'the trunks file was read again',
      )
    } catch (err) {
      logger.error({ err }, 'the trunks file could not be taken over: see what stands above')
    }
  }
}

interface Differences {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** By name: what it is they are changed to is partly secret. */
function differences(before: readonly Trunk[], after: readonly Trunk[]): Differences {
  const old = new Map(before.map((trunk) => [trunk.name, trunk]))
  const names = (trunks: readonly Trunk[]): string[] => trunks.map(({ name }) => name)
  return {
    added: names(after.filter(({ name }) => !old.has(name))),
    removed: names(before.filter(({ name }) => !after.some((trunk) => trunk.name === name))),
    changed: names(
      after.filter((trunk) => {
        const former = old.get(trunk.name)
        return former !== undefined && !isDeepStrictEqual(former, trunk)
      }),
    ),
  }
}
