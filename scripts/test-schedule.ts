// Which test file runs when. Two files at a time, the longest first, so that no long one is left alone at the end; and
// beside them two of those that mostly wait, and after these a third of the others: two cores are idle for a quarter of
// the time with two alone.
import { globSync } from 'node:fs'

/** Gives its next file; undefined: it has nothing more to do. */
export type Lane = () => string | undefined

export interface Schedule {
  readonly working: readonly Lane[]
  readonly waiting: readonly Lane[]
  /** After all others, two at a time: a browser takes a core for itself, and those others measure sound and times. */
  readonly browsers: readonly Lane[]
  /** Opens when those that wait are through: takes the short ones, which are last, so that the long ones meet few. */
  readonly helping: Lane
}

export const allTestFiles = (): readonly string[] => globSync('test/**/*.test.ts').toSorted()

/** The longest of them, by what they took on two cores. What is missing here comes after these, by its name. */
export const LONG: readonly string[] = [
  'test/rehearsal/rehearsal.test.ts',
  'test/proof/kill.test.ts',
  'test/integration/sipp-calls-in.test.ts',
  'test/integration/line-habits.test.ts',
  'test/integration/crash.test.ts',
  'test/integration/previous-stop.test.ts',
  'test/doctor/doctor.test.ts',
  'test/rehearsal/follow.test.ts',
  'test/control-api/voximplant/push-faults.test.ts',
  'test/control-api/voximplant/calls/end-to-end.test.ts',
  'test/control-api/voximplant/sync.test.ts',
  'test/integration/voximplant-sync-kill.test.ts',
  'test/browser/media-pages.test.ts',
  'test/integration/animation-kill.test.ts',
  'test/integration/traces.test.ts',
  'test/control-api/media-jobs/video/check-video.test.ts',
  'test/control-api/routes/media/hostile-upload.test.ts',
  'test/control-api/media-jobs/animation/animation-job.test.ts',
  'test/browser/voximplant.test.ts',
  'test/browser/media.test.ts',
  'test/browser/voximplant-pages.test.ts',
  'test/browser/calls.test.ts',
  'test/browser/call.test.ts',
  'test/browser/operations.test.ts',
  'test/browser/settings.test.ts',
  'test/browser/webhooks.test.ts',
  'test/browser/dial.test.ts',
  'test/browser/live.test.ts',
  'test/browser/call-axis.test.ts',
  'test/browser/shell.test.ts',
  'test/browser/shell-live.test.ts',
  'test/browser/rehearsal.test.ts',
  'test/browser/overview.test.ts',
  'test/gateway/embedded/loss.test.ts',
  'test/integration/sipp-called.test.ts',
  'test/proof/sip-soak.test.ts',
  'test/integration/guard-removed.test.ts',
  'test/proof/sip-fuzz.test.ts',
  'test/doctor/call.test.ts',
  'test/dashboards/rules.test.ts',
  'test/bench/smoke.test.ts',
  'test/integration/sip-ports.test.ts',
  'test/integration/every-format.test.ts',
  'test/integration/release-after-crash.test.ts',
  'test/control-api/postgres.test.ts',
  'test/scripts/backup.test.ts',
  'test/contract/repository.test.ts',
  'test/proof/told.test.ts',
  'test/control-api/elevenlabs/speech-source.test.ts',
  'test/simulators/programs.test.ts',
  'test/integration/lost-worker.test.ts',
  'test/integration/audio-identity.test.ts',
  'test/integration/guard.test.ts',
]

/**
 * They wait for timers of SIP and of far ends: a tenth to a third of a core each, and none minds a busy machine (all passed beside
 * a load of five and more).
 */
export const WAITING: readonly string[] = [
  'test/integration/alerts-of-process.test.ts',
  'test/integration/alerts-of-calls.test.ts',
  'test/integration/alerts-of-node.test.ts',
  'test/integration/alerts-of-control.test.ts',
  'test/integration/alerts-of-agents.test.ts',
  'test/integration/dashboards.test.ts',
  'test/integration/drachtio-suite.test.ts',
  'test/integration/a-law-baresip.test.ts',
  'test/integration/kamailio-registration.test.ts',
  'test/integration/simulated-registrar.test.ts',
  'test/integration/silent-trunk.test.ts',
  'test/integration/baresip-calls-in.test.ts',
  'test/integration/baresip-order-ivr.test.ts',
  'test/integration/order-ivr-transfer.test.ts',
  'test/bridge/worker/endings.test.ts',
  'test/control-api/voximplant/calls/unknown-start.test.ts',
  'test/control-api/voximplant/scenario/endings.test.ts',
  'test/control-api/voximplant/scenario/consent.test.ts',
  'test/control-api/voximplant/scenario/agent.test.ts',
  'test/gateway/embedded/session-timers.test.ts',
  'test/bridge/worker/with-simulator.test.ts',
  'test/gateway/embedded/races.test.ts',
  'test/simulators/carrier/phone-habits.test.ts',
  'test/simulators/carrier/carrier-loop.test.ts',
  'test/bridge/worker/remote-session.test.ts',
  'test/gateway/embedded/uac.test.ts',
  'test/control-api/elevenlabs/unfinished-speech.test.ts',
  'test/bridge/worker/own-stall.test.ts',
  'test/gateway/embedded/lost-invite.test.ts',
  'test/gateway/trunks/registrar.test.ts',
  'test/gateway/embedded/transport/locate/locator-endurance.test.ts',
  'test/gateway/embedded/sipp.test.ts',
  'test/bridge/elevenlabs/conversation-ends.test.ts',
]

const isForBrowser = (file: string): boolean => file.startsWith('test/browser/')

const WORKING_LANES = 2
const WAITING_LANES = 2

export function createSchedule(files: readonly string[]): Schedule {
  const waiting = inOrder(files, WAITING).filter((file) => WAITING.includes(file))
  const rest = inOrder(files, LONG).filter((file) => !WAITING.includes(file))
  const browsers = rest.filter(isForBrowser)
  const working = rest.filter((file) => !isForBrowser(file))
  const nextToWork: Lane = () => working.shift()
  return {
    working: Array.from({ length: WORKING_LANES }, () => nextToWork),
    waiting: Array.from({ length: WAITING_LANES }, () => () => waiting.shift()),
    helping: () => working.pop(),
    browsers: Array.from({ length: WORKING_LANES }, () => () => browsers.shift()),
  }
}

/** Those of the list as it has them, then the others as they come. */
function inOrder(files: readonly string[], list: readonly string[]): string[] {
  const place = (file: string): number => {
    const at = list.indexOf(file)
    return at === -1 ? list.length : at
  }
  return files.toSorted((one, other) => place(one) - place(other))
}
