// Every trunk there is: that of the environment's shorthand and those of the trunks file, judged together.
import type { NumberRoute, Trunk, TrunkSet } from '../contracts/index.ts'
import type { ConfigProblem } from './config-problem.ts'
import type { Config } from './config.ts'
import {
  isShorthand,
  settingOf,
  SHORTHAND_TRUNK,
  shorthandGiven,
  shorthandProblems,
  shorthandTrunk,
  writtenShorthand,
} from './exolve-shorthand.ts'
import type { Values, VariableName } from './schema.ts'
import {
  trunkProblems,
  unanchored,
  type TrunkSurroundings,
  type WrittenTrunk,
} from './trunk-rules.ts'
import type { ParsedTrunksFile } from './trunks-file/parse-trunks-file.ts'
import type { TrunksFileText } from './trunks-file/read-trunks-file.ts'

export interface AllTrunks {
  readonly trunks: readonly Trunk[]
  readonly numbers: readonly NumberRoute[]
  readonly problems: readonly ConfigProblem[]
  /** What the trunks file asks of the environment. */
  readonly variables: readonly string[]
}

export const agentConfigured = (values: Values): boolean =>
  values.ELEVENLABS_API_KEY !== undefined || values.ELEVENLABS_AGENT_ID !== undefined

export function readAllTrunks(
  values: Values,
  isGiven: (name: VariableName) => boolean,
  read: (path: string) => TrunksFileText,
): AllTrunks {
  const given = shorthandGiven(isGiven)
  const own = given.length === 0 ? [] : [writtenShorthand(values)]
  const around = {
    sipListen: values.SIP_LISTEN ?? [],
    rtpHost: values.RTP_HOST,
    hasDrachtio: isGiven('DRACHTIO_HOST'),
    hasFreeswitch: isGiven('FREESWITCH_HOST'),
    hasAgent: agentConfigured(values),
    // Twilio needs no trunk.
    mayDial: values.DIAL_ALLOW_PREFIXES !== undefined && !isGiven('TWILIO_ACCOUNT_SID'),
  }
  const file = values.TRUNKS_FILE === undefined ? undefined : read(values.TRUNKS_FILE)
  const judged = judge(file, { given, own }, around)
  const shorthand = shorthandTrunk(values)
  const { trunks, numbers } = setOf(file)
  return {
    trunks: shorthand ? [shorthand, ...trunks] : trunks,
    numbers,
    problems: [...shorthandProblems(given), ...judged],
    variables: file && 'variables' in file ? file.variables : [],
  }
}

/** The trunks file once more, for a run whose settings stay: its trunks beside that of the shorthand. */
export function readTrunksAgain(
  config: Config,
  file: TrunksFileText,
): Pick<AllTrunks, 'trunks' | 'numbers' | 'problems'> {
  const shorthand = config.trunks.filter(isShorthand)
  const own = shorthand.map((trunk) => ({ ...trunk, at: settingOf }))
  const around = {
    sipListen: config.sipListen,
    rtpHost: config.rtpHost,
    hasDrachtio: config.drachtio !== undefined,
    hasFreeswitch: config.freeswitch !== undefined,
    hasAgent: config.agent.apiKey !== undefined || config.agent.agentId !== undefined,
    mayDial: config.dialAllowPrefixes.length > 0 && config.twilio === undefined,
  }
  const { trunks, numbers } = setOf(file)
  const problems = judge(file, { given: shorthand.map(({ name }) => name), own }, around)
  if (config.rehearsal && trunks.length > 0)
    return {
      trunks: [],
      numbers,
      problems: [{ name: 'TRUNKS_FILE', problem: NOT_IN_REHEARSAL }],
    }
  return { trunks: [...shorthand, ...trunks], numbers, problems }
}

const NOT_IN_REHEARSAL =
  'has trunks now, and this run is a rehearsal, whose carrier is simulated: start anew'

const setOf = (file: TrunksFileText | undefined): TrunkSet =>
  file && 'set' in file ? file.set : { trunks: [], numbers: [] }

interface Shorthand {
  /** What says that it is there. */
  readonly given: readonly string[]
  readonly own: readonly WrittenTrunk[]
}

function judge(
  file: TrunksFileText | undefined,
  { given, own }: Shorthand,
  around: TrunkSurroundings,
): readonly ConfigProblem[] {
  if (file === undefined) return trunkProblems(own, given, around)
  const wrong = 'unreadable' in file ? [file.unreadable] : file.problems
  if ('unreadable' in file || wrong.length > 0)
    return [
      ...wrong,
      ...('anchored' in file ? unanchoredIn(file, around) : []),
      // What else it may have meant to say is not known: nothing is missed.
      ...(given.length > 0 ? trunkProblems(own, given, around) : []),
    ]
  const { trunks } = file.set
  const written = trunks.map((trunk) => ({ ...trunk, at: atOf(file, trunk) }))
  const names = trunks.map((trunk) => file.at(trunk.name, 'name'))
  return [
    ...(given.length > 0 ? doubled(file) : []),
    ...trunkProblems([...own, ...written], [...given, ...names], around),
  ]
}

const atOf =
  (file: ParsedTrunksFile, { name }: Trunk): WrittenTrunk['at'] =>
  (key) =>
    file.at(name, key)

const unanchoredIn = (
  { anchored, at }: ParsedTrunksFile,
  around: TrunkSurroundings,
): ConfigProblem[] =>
  anchored.flatMap((name) => unanchored({ media: 'anchored', at: (key) => at(name, key) }, around))

function doubled({ set, at }: ParsedTrunksFile): ConfigProblem[] {
  if (!set.trunks.some(({ name }) => name === SHORTHAND_TRUNK)) return []
  const problem =
    'is the trunk that EXOLVE_SIP_DOMAIN defines too: unset EXOLVE_SIP_…, or take it out here'
  return [{ name: `${at(SHORTHAND_TRUNK, 'name')}:`, problem }]
}
