// The inside of a media worker: its sessions by number, its ports, its 20 ms clock and its tally.
import { codeOf, messageOf, systemCodeOf } from '#core/errors'
import { inBackground, watchGcPauses, type EventLoopLag, type Logger } from '#core/telemetry'
import { createClock, type Clock } from '#core/time'
import { FramePacer } from '../audio/frame-pacer.ts'
import type { createConversation } from '../elevenlabs/conversation.ts'
import { PortPool } from '../rtp/port-pool.ts'
import { openRtpSocketPair } from '../rtp/rtp-socket.ts'
import { createAnswerGuard, NO_AGENT } from '../session/answer-guard.ts'
import type { CallerLine } from '../session/caller-leg.ts'
import { openMediaSession, type BridgedSession } from '../session/media-session.ts'
import type { MediaSessionDeps } from '../session/session-options.ts'
import type { FromWorker, SessionBirth, SessionId, ToWorker, WorkerBirth } from './messages.ts'
import { createMediaTally, Tally, uncountedRtp } from './tally.ts'

/** Metrics reach the main thread this often. */
const REPORT_EVERY_MS = 1000

export interface SessionHostDeps {
  readonly logger: Logger
  readonly lag: EventLoopLag
  readonly post: (message: FromWorker, transferred?: readonly ArrayBuffer[]) => void
  readonly createConversation: typeof createConversation
}

export class SessionHost {
  readonly #deps: SessionHostDeps
  readonly #birth: WorkerBirth
  readonly #clock: Clock
  readonly #tally = new Tally()
  readonly #ports: PortPool
  readonly #shared: Omit<MediaSessionDeps, 'logger' | 'line' | 'createConversation'>
  readonly #uncountedRtp = uncountedRtp()
  readonly #sessions = new Map<SessionId, BridgedSession>()
  readonly #reporting: NodeJS.Timeout
  readonly #gc = watchGcPauses((seconds) => this.#tally.gcPaused(seconds))

  constructor(deps: SessionHostDeps, birth: WorkerBirth) {
    this.#deps = deps
    this.#birth = birth
    this.#clock = createClock(birth.anchor)
    const now = (): number => performance.now()
    this.#ports = new PortPool({ ...birth.ports, quarantineMs: birth.quarantineMs, now })
    const tally = createMediaTally(this.#tally)
    this.#shared = {
      clock: this.#clock,
      now,
      tally,
      guard: createAnswerGuard(birth.evidenceKey),
      pacer: new FramePacer({ now, onLateFrames: (count) => (tally.lateFrames.value += count) }),
      rtpHost: birth.rtpHost,
      releasePort: (port) => this.#ports.release(port),
      frameMs: birth.conversation.frameMs,
      recording: birth.recording,
      timing: birth.timing,
    }
    this.#reporting = setInterval(() => this.#report(), REPORT_EVERY_MS)
  }

  receive(message: ToWorker): void {
    if (message.type === 'open') {
      const { callId } = message.birth
      inBackground(this.#open(message), this.#deps.logger, 'opening a media session', { callId })
      return
    }
    const session = this.#sessions.get(message.session)
    if (session !== undefined) this.#command(session, message)
  }

  close(): void {
    clearInterval(this.#reporting)
    this.#gc.close()
    this.#shared.pacer.close()
    this.#deps.lag.close()
  }

  #command(session: BridgedSession, message: Exclude<ToWorker, { type: 'open' }>): void {
    switch (message.type) {
      case 'set-remote':
        session.setRemote(message.remote)
        return
      case 'prewarm':
        session.prewarm(message.agent)
        return
      case 'open-agent':
        this.#openAgent(session, message)
        return
      case 'answered':
        session.answered(message.at)
        return
      case 'tell-digits':
        session.keys.tellDigits(message.tell)
        return
      case 'close-agent':
        session.closeAgent(message.reason)
        return
      case 'play':
        session.play(message.promptId, message.ulaw, message.stopOnDigit)
        return
      case 'answer-tool':
        session.answerTool(message.toolCallId, message.result, message.isError)
        return
      case 'inform':
        session.talked?.conversation.inform(message.text)
        return
      case 'join':
        this.#join(session, message.other)
        return
      case 'stop-playing':
        session.stopPlaying()
        return
      case 'pressed':
        session.keys.pressed(message.digit)
        return
      case 'record':
        session.record(message.action)
        return
      case 'stream-audio':
        session.receive(message.ulaw, message.atMs)
        return
      case 'stream-played':
        session.played(message.mark)
        return
      case 'close':
        inBackground(this.#close(message.session, session), this.#deps.logger, 'closing RTP')
        return
      default:
        message satisfies never
    }
  }

  /** The other may have been closed while the message was on its way. */
  #join(session: BridgedSession, otherId: SessionId): void {
    const other = this.#sessions.get(otherId)
    if (other !== undefined) session.join(other)
  }

  async #open({ session: id, birth }: ToWorker & { type: 'open' }): Promise<void> {
    const { callId } = birth
    try {
      const session = await openMediaSession(this.#depsOf(id, birth), {
        callId,
        onEvent: (event) => this.#deps.post({ type: 'event', session: id, event }),
      })
      this.#sessions.set(id, session)
      this.#deps.post({ type: 'opened', session: id, local: session.local })
    } catch (error) {
      const code = codeOf(error) ?? 'INTERNAL'
      this.#deps.post({ type: 'open-failed', session: id, code, message: messageOf(error) })
    }
  }

  #depsOf(id: SessionId, { callId, line, beside, recording }: SessionBirth): MediaSessionDeps {
    const logger = this.#deps.logger.child({ callId })
    const { dtmf, frameMs, toolServer } = this.#birth.conversation
    const tools = { callId, ...(toolServer === undefined ? {} : { server: toolServer }) }
    const policy = recording ?? this.#birth.recording.policy
    const { tally } = this.#shared
    return {
      ...this.#shared,
      recording: { ...this.#birth.recording, policy },
      ...(beside === null ? {} : AS_SECOND_LEG),
      ...(line === 'stream' ? { tally: { ...tally, rtp: this.#uncountedRtp } } : {}),
      logger,
      line: line === 'stream' ? this.#streamLine(id) : this.#rtpLine(logger),
      createConversation: (agent, listener, lineCodec) =>
        this.#deps.createConversation(
          { logger, clock: this.#clock, onVendorRequest: tally.vendorRequest },
          { connection: this.#birth.agent, agent, listener, lineCodec, dtmf, frameMs, tools },
        ),
    }
  }

  /** Its socket is the main thread's. */
  #streamLine(session: SessionId): CallerLine {
    const { post } = this.#deps
    return {
      kind: 'stream',
      sink: {
        audio: (ulaw) => post({ type: 'stream-audio', session, ulaw }, [ulaw.buffer]),
        clear: () => post({ type: 'stream-clear', session }),
        mark: (mark) => post({ type: 'stream-mark', session, mark }),
      },
    }
  }

  #rtpLine(logger: Logger): CallerLine {
    let told = false
    return {
      kind: 'rtp',
      openSockets: (onRtp, onRtcp) =>
        this.#ports.acquire((port) =>
          openRtpSocketPair(this.#birth.rtpHost, port, {
            onDatagram: (datagram, source) => onRtp(datagram, source.address, source.port),
            onRtcp: (datagram, source) => onRtcp(datagram, source.address, source.port),
            onError: (error) => {
              // An unreachable far end fails 50 times a second: once is enough to know.
              if (!told)
                logger.warn({ reason: systemCodeOf(error) ?? error.name }, 'RTP socket error')
              told = true
            },
          }),
        ),
    }
  }

  /** The main thread checked the evidence before; what fails here is a forgery or a defect. */
  #openAgent(session: BridgedSession, message: ToWorker & { type: 'open-agent' }): void {
    try {
      session.openAgent(message.agent, message.evidence)
    } catch (error) {
      const { callId } = message.evidence
      this.#deps.logger.error({ err: error, callId }, 'agent session refused by the worker')
      this.#deps.post({
        type: 'event',
        session: message.session,
        event: {
          type: 'agent.closed',
          at: this.#clock.now(),
          data: {
            reason: 'refused',
            closeCode: null,
            detail: codeOf(error) ?? 'INTERNAL',
            seconds: 0,
          },
        },
      })
    }
  }

  async #close(id: SessionId, session: BridgedSession): Promise<void> {
    const result = await session.close()
    this.#sessions.delete(id)
    this.#deps.post({ type: 'closed', session: id, result })
  }

  #report(): void {
    const report = this.#tally.report({
      portsInUse: this.#ports.inUse,
      eventLoopLagSeconds: this.#deps.lag.read(),
    })
    this.#deps.post({ type: 'tally', report })
  }
}

/** The other's recording has both sides in it. */
const AS_SECOND_LEG: Pick<MediaSessionDeps, 'guard' | 'recording'> = {
  guard: NO_AGENT,
  recording: { policy: 'off', spoolFolder: '' },
}
