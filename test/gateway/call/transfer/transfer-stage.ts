// An answered call on fakes, about to be handed to a human.
import {
  termination,
  type CallEventType,
  type E164,
  type TransferRequest,
  type Trunk,
} from '../../../../core/contracts/index.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { beginTransfer } from '../../../../gateway/call/transfer/begin-transfer.ts'
import type { Test } from 'tap'
import { buildDesk, REQUEST, settle, TRUNK } from '../../../support/build-desk.ts'
import type { FakeMediaSession } from '../../../support/fake-bridge.ts'

export const HUMAN = '+4930777777' as E164
export const ASKED: TransferRequest = { to: HUMAN, mode: 'auto', by: 'api' }

export async function answeredCall(t: Test, trunks: readonly Trunk[] = [TRUNK]) {
  const built = buildDesk()
  built.desk.trunks.replace(trunks)
  const session = await placeCall(built.desk, REQUEST)
  built.sip.answer()
  t.teardown(() => {
    session.end(termination('success', 'hangup', 'api'))
    session.giveUp()
    // The phones that were called off say so.
    for (const { options, listener } of built.sip.invites)
      if (options.leg === 'second') listener.onFailed({ status: 487, local: false, lost: false })
  })
  const media = built.bridge.sessions[0] as FakeMediaSession
  media.heard()
  const begin = (more: Partial<TransferRequest> = {}) =>
    beginTransfer(built.desk, session, { ...ASKED, ...more })
  /** What the timeline tells of the transfer, and of the end. */
  const story = (): CallEventType[] =>
    built.types().filter((type) => /^transfer\.|^call\.|^sip\.bye/.test(type))
  const dataOf = (type: CallEventType): unknown =>
    built.recorded.findLast((event) => event.type === type)?.data
  return {
    ...built,
    session,
    media,
    begin,
    story,
    dataOf,
    tell: (status: number) => session.talk.handover?.referProgress(status),
  }
}

/** Lets what takes a few turns happen. */
export async function later(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await settle()
}

export const accepted =
  (tells = true) =>
  () =>
    Promise.resolve({ status: 202, tells })
