// Which test files run in which process, and in which order: long ones first, each a program of its own; short ones
// several in one process, as loading what they share takes longer than running them; then those that measure sound;
// those with a browser last. How many run at a time, scripts/test-pace.ts says.
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Files that run in one process, one after the other. */
export type Unit = readonly string[]

export interface Schedule {
  readonly first: readonly Unit[]
  /** With little beside: a machine of two cores keeps 20 ms for each frame only so. */
  readonly timed: readonly string[]
  /** After all others: a browser takes a core for itself, and those others measure sound and times. */
  readonly browsers: readonly Unit[]
}

/**
 * What `npm test` leaves to `npm run proof -- long-tests`, to stay under a quarter of an hour: slices of proofs, which are
 * run whole there; kills, alerts live and in stories, formats, habits of lines, softphones, pages, examples, faults of
 * vendors and servers, commands one seldom needs, of each of which `npm test` keeps some; and the benches once through.
 */
export const LEFT_TO_PROOF: readonly string[] = [
  'test/bench/smoke.test.ts',
  'test/bridge/record/alignment.test.ts',
  'test/bridge/worker/own-stall.test.ts',
  'test/browser/call-axis.test.ts',
  'test/browser/calls.test.ts',
  'test/browser/dial.test.ts',
  'test/browser/live.test.ts',
  'test/browser/media-pages.test.ts',
  'test/browser/media.test.ts',
  'test/browser/menu.test.ts',
  'test/browser/operations.test.ts',
  'test/browser/orders.test.ts',
  'test/browser/rehearsal.test.ts',
  'test/browser/settings.test.ts',
  'test/browser/shell-live.test.ts',
  'test/browser/voximplant-pages.test.ts',
  'test/browser/voximplant.test.ts',
  'test/browser/webhooks.test.ts',
  'test/control-api/dialling/killed.test.ts',
  'test/control-api/elevenlabs/speech-source.test.ts',
  'test/control-api/elevenlabs/spoken-file.test.ts',
  'test/control-api/media-jobs/animation/animation-job.test.ts',
  'test/control-api/media-jobs/animation/animation-ways.test.ts',
  'test/control-api/media-jobs/library/library.test.ts',
  'test/control-api/media-jobs/video/check-video.test.ts',
  'test/control-api/media-jobs/video/make-of-video.test.ts',
  'test/control-api/postgres.test.ts',
  'test/control-api/storage/s3-store.test.ts',
  'test/control-api/twilio/crash.test.ts',
  'test/control-api/voximplant/calls/unknown-start.test.ts',
  'test/control-api/voximplant/client-faults.test.ts',
  'test/control-api/voximplant/old-panel/import-panel.test.ts',
  'test/control-api/voximplant/push-faults.test.ts',
  'test/control-api/voximplant/sync.test.ts',
  'test/control-api/webhooks/webhook-crash.test.ts',
  'test/dashboards/rule-stories.test.ts',
  'test/doctor/call.test.ts',
  'test/examples/answer-with-an-agent.test.ts',
  'test/examples/place-a-call.test.ts',
  'test/gateway/embedded/loss.test.ts',
  'test/integration/a-law-baresip.test.ts',
  'test/integration/a-law-sipp.test.ts',
  'test/integration/alerts-of-agents.test.ts',
  'test/integration/alerts-of-calls.test.ts',
  'test/integration/alerts-of-control.test.ts',
  'test/integration/alerts-of-node.test.ts',
  'test/integration/alerts-of-process.test.ts',
  'test/integration/animation-kill.test.ts',
  'test/integration/baresip-order-ivr.test.ts',
  'test/integration/closing-start.test.ts',
  'test/integration/every-format.test.ts',
  'test/integration/guard-removed.test.ts',
  'test/integration/kamailio-certificates.test.ts',
  'test/integration/leak.test.ts',
  'test/integration/line-habits.test.ts',
  'test/integration/log-level.test.ts',
  'test/integration/lost-worker.test.ts',
  'test/integration/order-ivr-transfer.test.ts',
  'test/integration/previous-stop.test.ts',
  'test/integration/privacy-of-failures.test.ts',
  'test/integration/recording-in-a-bucket.test.ts',
  'test/integration/redial.test.ts',
  'test/integration/rehearsal-over-http.test.ts',
  'test/integration/release-after-crash.test.ts',
  'test/integration/simulated-registrar.test.ts',
  'test/integration/traces.test.ts',
  'test/integration/voximplant-sync-kill.test.ts',
  'test/proof/command.test.ts',
  'test/proof/kill.test.ts',
  'test/proof/overload.test.ts',
  'test/proof/rehearsal-under-load.test.ts',
  'test/proof/sip-fuzz.test.ts',
  'test/proof/sip-soak.test.ts',
  'test/proof/soak.test.ts',
  'test/proof/told.test.ts',
  'test/rehearsal/follow.test.ts',
  'test/simulators/carrier/carrier-loop.test.ts',
  'test/simulators/carrier/phone-habits.test.ts',
]

export const allTestFiles = (): readonly string[] =>
  globSync('test/**/*.test.ts')
    .filter((file) => !LEFT_TO_PROOF.includes(file))
    .toSorted()

/**
 * What takes more than about fifteen seconds, the longest first, so that none is left alone at the end; before them those
 * that mostly wait for timers of SIP, of Prometheus and of far ends, beside which the checks can run.
 */
export const LONG: readonly string[] = [
  'test/integration/drachtio-suite.test.ts',
  'test/integration/dashboards.test.ts',
  'test/gateway/embedded/session-timers.test.ts',
  'test/integration/kamailio-registration.test.ts',
  'test/integration/silent-trunk.test.ts',
  'test/integration/baresip-calls-in.test.ts',
  'test/rehearsal/rehearsal.test.ts',
  'test/browser/shell.test.ts',
  'test/integration/crash.test.ts',
  'test/doctor/doctor.test.ts',
  'test/browser/call.test.ts',
  'test/integration/sipp-calls-in.test.ts',
  'test/integration/sip-ports.test.ts',
  'test/browser/overview.test.ts',
  'test/contract/repository.test.ts',
  'test/control-api/voximplant/calls/end-to-end.test.ts',
  'test/integration/sipp-called.test.ts',
  'test/integration/errors.test.ts',
  'test/integration/postgres.test.ts',
]

/**
 * What is measured by the frame, the longest first: sound that must come whole, level and in its time. Also of those
 * that are left to the proof.
 */
export const TIMED: readonly string[] = [
  'test/integration/every-format.test.ts',
  'test/simulators/carrier/phone-habits.test.ts',
  'test/integration/line-habits.test.ts',
  'test/integration/a-law-baresip.test.ts',
  'test/integration/a-law-sipp.test.ts',
  'test/bridge/worker/with-simulator.test.ts',
  'test/integration/audio-identity.test.ts',
  'test/bridge/worker/endings.test.ts',
  'test/bridge/worker/bridge.test.ts',
  'test/bridge/twilio/stream-talk.test.ts',
  'test/bridge/worker/joined.test.ts',
  'test/bridge/rtp/packetizer.test.ts',
  'test/bridge/audio/frame-pacer.test.ts',
]

/** Those that set a time-out for all of their process, or count what it holds, want one of their own. */
const MINDS_ITS_PROCESS = /^t\.(?:jobs|setTimeout)\b|getActiveResourcesInfo|\/proc\/self\//m
const FILES_A_UNIT = 16

const isForBrowser = (file: string): boolean => file.startsWith('test/browser/')
const isLong = (file: string): boolean => LONG.includes(file)

export function createSchedule(files: readonly string[]): Schedule {
  const browsers = files.filter(isForBrowser)
  const timed = TIMED.filter((file) => files.includes(file))
  const others = files.filter((file) => !isForBrowser(file) && !timed.includes(file))
  const short = others.filter((file) => !isLong(file))
  const alone = short.filter((file) => MINDS_ITS_PROCESS.test(readFileSync(file, 'utf8')))
  const together = short.filter((file) => !alone.includes(file))
  return {
    first: [...inOrder(others.filter(isLong)), ...alone].map(unit).concat(byFolder(together)),
    timed,
    browsers: inOrder(browsers).map(unit),
  }
}

const unit = (file: string): Unit => [file]

/** Those of the list as it has them, then the others as they come. */
function inOrder(files: readonly string[]): readonly string[] {
  const place = (file: string): number => (isLong(file) ? LONG.indexOf(file) : LONG.length)
  return files.toSorted((one, other) => place(one) - place(other))
}

/** The folders that take longest, mostly waiting: begun last, one of theirs would be left alone at the end. */
const SLOW = ['integration', 'bridge', 'gateway', 'simulators', 'control-api']

/** Neighbours load the same modules. */
function byFolder(files: readonly string[]): readonly Unit[] {
  const folders = Object.entries(Object.groupBy(files, top))
  const place = ([folder]: (typeof folders)[number]): number => {
    const at = SLOW.indexOf(folder.replace('test/', ''))
    return at < 0 ? SLOW.length : at
  }
  return folders
    .toSorted((one, other) => place(one) - place(other))
    .flatMap(([, inside = []]) => chunks(inside))
}

/** `test/gateway/embedded/transport/locate` is with `test/gateway`. */
const top = (file: string): string => dirname(file).split('/').slice(0, 2).join('/')

function chunks(files: readonly string[]): readonly Unit[] {
  const count = Math.ceil(files.length / FILES_A_UNIT)
  return Array.from({ length: count }, (_, at) =>
    files.slice(at * FILES_A_UNIT, (at + 1) * FILES_A_UNIT),
  )
}
