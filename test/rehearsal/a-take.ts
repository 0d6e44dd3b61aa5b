// A played call made by hand: a good one, and whatever a test wants otherwise.
import { epochMs } from '../../core/contracts/index.ts'
import type { Scenario } from '../../rehearsal/scenario.ts'
import type { Take, TimelineFact } from '../../rehearsal/take.ts'
import { soundBytes, type CarrierCallRecord } from '../../simulators/carrier/index.ts'
import type { AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'

/** The INVITE of every fixture. */
export const T0 = 1_800_000_000_000
const at = (offsetMs: number) => epochMs(T0 + offsetMs)

export const EXPECTED: Scenario = {
  name: 'fixture',
  story: 'Made by hand.',
  direction: 'outbound',
  phone: [],
  expect: {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee', sipStatus: null },
    agentSessions: 1,
    callerHears: ['agent-greeting'],
    agentHears: ['caller-hello'],
  },
  check: () => [],
}

const message = (
  offsetMs: number,
  direction: 'sent' | 'received',
  startLine: string,
  method: string,
  sdp = false,
): CarrierCallRecord['messages'][number] => ({
  at: at(offsetMs),
  direction,
  startLine,
  raw: `${startLine}\r\nCSeq: 1 ${method}\r\n${sdp ? 'Content-Type: application/sdp\r\n' : ''}\r\n`,
  repeated: false,
  dropped: false,
})

/** Rings at 200 ms, is answered at 1000, hears the greeting from 1200 on, hangs up at 7000. */
export function aCarrierRecord(changes: Partial<CarrierCallRecord> = {}): CarrierCallRecord {
  return {
    direction: 'outbound',
    from: '+4930555100',
    to: '+4930231250',
    sipCallId: 'a@b',
    script: 'custom',
    inviteAt: at(0),
    provisionalAt: at(200),
    answeredAt: at(1000),
    ackAt: at(1002),
    byeAt: at(7000),
    byeBy: 'carrier',
    cancelAt: null,
    vanishedAt: null,
    finalStatus: 200,
    endedAt: at(7003),
    rtpIn: aHearing(),
    rtpOut: { packets: 300 },
    rtcp: {
      sent: 5,
      received: 5,
      malformed: 0,
      farEnd: { lost: 0, jitterMs: 1 },
      roundTripMs: 1,
      farEndSent: { packets: 299, octets: 47_840 },
    },
    infoKeys: [],
    messages: [
      message(0, 'received', 'INVITE sip:+4930231250@127.0.0.1 SIP/2.0', 'INVITE', true),
      message(200, 'sent', 'SIP/2.0 180 Ringing', 'INVITE'),
      message(1000, 'sent', 'SIP/2.0 200 OK', 'INVITE', true),
      message(1002, 'received', 'ACK sip:+4930231250@127.0.0.1 SIP/2.0', 'ACK'),
      message(7000, 'sent', 'BYE sip:voicegate@127.0.0.1 SIP/2.0', 'BYE'),
      message(7003, 'received', 'SIP/2.0 200 OK', 'BYE'),
    ],
    protocolErrors: [],
    ...changes,
  }
}

export function aHearing(
  changes: Partial<CarrierCallRecord['rtpIn']> = {},
): CarrierCallRecord['rtpIn'] {
  return {
    firstAt: at(1020),
    beganAt: at(1020),
    lastAt: at(6990),
    packets: 299,
    audio: Buffer.concat([Buffer.alloc(180 * 8, 0xff), soundBytes({ speech: 'agent-greeting' })]),
    gaps: [],
    holes: [],
    lost: 0,
    outOfOrder: 0,
    duplicates: 0,
    late: 0,
    ssrcs: [1],
    sources: ['127.0.0.1:20000'],
    payloadTypes: [0],
    markers: 1,
    malformed: 0,
    packetMs: [20],
    jitterMs: 1,
    keys: [],
    timestampsFollowClock: true,
    voiceAt: at(5500),
    quietMs: 1480,
    maxDriftMs: 1,
    ...changes,
  }
}

/** Asked for at 1005, closed at 7008. */
export function aSession(changes: Partial<AgentSessionRecord> = {}): AgentSessionRecord {
  return {
    agentId: 'agent_fixture',
    conversationId: 'conv_fixture',
    connectionAt: at(210),
    upgradeAt: at(1005),
    httpStatus: 101,
    signed: true,
    initiationAt: at(1007),
    initiation: {},
    metadataAt: at(1045),
    closedAt: at(7008),
    closeCode: 1000,
    closedBy: 'client',
    callerAudio: soundBytes({ speech: 'caller-hello' }),
    callerWire: soundBytes({ speech: 'caller-hello' }),
    callerFrames: [
      { at: at(1046), bytes: 320 },
      { at: at(1066), bytes: 160 },
    ],
    sentAudioAt: [at(1195)],
    sentAudioBytes: 8000,
    interruptions: [],
    pings: 1,
    pongs: [],
    otherMessages: [],
    replies: 0,
    toolCalls: [],
    turns: [],
    ...changes,
  }
}

const PROOF = { dialog: 'a@b;from-tag=1', cseq: 1 }

export const aTimeline = (): TimelineFact[] =>
  [
    { offset: 0, type: 'sip.invite', fields: {} },
    { offset: 200, type: 'sip.provisional', fields: { early_media: false } },
    { offset: 212, type: 'agent.prewarmed', fields: { elapsed_ms: 8 } },
    { offset: 1001, type: 'sip.answered', fields: PROOF },
    { offset: 1004, type: 'agent.attempted', fields: { evidence: PROOF } },
    { offset: 1006, type: 'agent.opened', fields: { evidence: PROOF } },
    { offset: 7001, type: 'sip.bye', fields: {} },
    { offset: 7004, type: 'agent.closed', fields: { seconds: 6 } },
    {
      offset: 7005,
      type: 'call.ended',
      fields: { termination: { result: 'success', reason: 'hangup', by: 'callee' } },
    },
  ].map(({ offset, type, fields }) => ({ at: T0 + offset, type, fields }))

export function aTake(changes: Partial<Take> = {}): Take {
  return {
    call: {
      callId: 'call_fixture',
      direction: 'outbound',
      from: null,
      status: 'ended',
      outcome: 'answered',
      termination: EXPECTED.expect.termination,
      agentSessions: 1,
    },
    timeline: aTimeline(),
    carrier: aCarrierRecord(),
    sessions: [aSession()],
    stalls: [],
    recording: null,
    menu: null,
    sessionsBeforeAnswerMetric: 0,
    broken: null,
    takenAt: T0 + 8000,
    ...changes,
  }
}

/** Nobody answered: 486 at 300 ms. */
export const aBusyTake = (changes: Partial<Take> = {}): Take =>
  aTake({
    call: {
      callId: 'call_fixture',
      direction: 'outbound',
      from: null,
      status: 'ended',
      outcome: 'busy',
      termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
      agentSessions: 0,
    },
    timeline: [
      { at: T0, type: 'sip.invite', fields: {} },
      { at: T0 + 301, type: 'sip.failed', fields: { sip_status: 486 } },
      {
        at: T0 + 302,
        type: 'call.ended',
        fields: { termination: { result: 'client_error', reason: 'busy', by: 'callee' } },
      },
    ],
    carrier: aCarrierRecord({
      answeredAt: null,
      ackAt: null,
      byeAt: null,
      byeBy: null,
      finalStatus: 486,
      endedAt: at(300),
      rtpIn: aHearing({
        audio: Buffer.alloc(0),
        firstAt: null,
        beganAt: null,
        lastAt: null,
        ssrcs: [],
      }),
      messages: [],
    }),
    sessions: [],
    ...changes,
  })
