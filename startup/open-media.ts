// The bridge with everything it needs of the others: the agent's address, a voice for prompts, a store for recordings.
import { join } from 'node:path'
import { messageOf } from '#core/errors'
import { runAll } from '#core/lifecycle'
import type { CallEvents, MediaBridge, MediaStore } from '#core/contracts'
import type { Config } from '#core/config'
import type { Logger, Metrics, RootLogger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { openBridge } from '#bridge'
import { createSpeechSource } from '#control-api'
import { checkFallback, fallbackPrompt } from './fallback-message.ts'

export interface MediaParts {
  readonly config: Config
  readonly logger: RootLogger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly agent: {
    readonly apiKey: string | undefined
    readonly restUrl: string
    readonly wsUrl: string | undefined
  }
  readonly evidenceKey: Uint8Array
  readonly mediaStore: MediaStore
}

/** The simulated vendor speaks for every key. */
const REHEARSAL_KEY = 'rehearsal'

export interface Media {
  readonly bridge: MediaBridge
  close(): Promise<void>
}

export async function openMedia(parts: MediaParts): Promise<Media> {
  const { config, logger, metrics, clock, evidenceKey, agent } = parts
  const speech = speechSource(parts)
  const { frameMs, dtmf, toolServer } = config.agent
  const traceRatio = config.tracing?.ratio ?? 0
  const bridge = await openBridge(
    {
      logger,
      metrics,
      clock,
      evidenceKey,
      recording: recordingDeps(parts),
      ...(speech === undefined ? {} : { speech }),
    },
    {
      rtpHost: config.rtpHost,
      rtpPortMin: config.rtpPortMin,
      rtpPortMax: config.rtpPortMax,
      agent: {
        restUrl: agent.restUrl,
        ...(agent.apiKey === undefined ? {} : { apiKey: agent.apiKey }),
        ...(agent.wsUrl === undefined ? {} : { wsUrl: agent.wsUrl }),
      },
      conversation: {
        frameMs,
        dtmf,
        ...(toolServer === undefined ? {} : { toolServer: { ...toolServer, traceRatio } }),
      },
    },
  )
  const close = (): Promise<void> => runAll([() => bridge.close(), () => speech?.close()])
  try {
    await prepareFallback(bridge, config, logger)
    return { bridge, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A file that cannot be played is a mistake to be mended now; words may be spoken later, when the vendor answers. */
async function prepareFallback(bridge: MediaBridge, config: Config, logger: Logger): Promise<void> {
  const prompt = fallbackPrompt(config)
  if (prompt === undefined) return
  const checked = checkFallback((source) => bridge.preparePrompt(source), prompt)
  if (prompt.kind === 'file') await checked
  else
    checked.catch((error: unknown) => {
      const todo =
        'check ELEVENLABS_API_KEY and ELEVENLABS_VOICE_ID; it is asked for again when it is needed'
      logger.warn({ reason: messageOf(error), todo }, 'the fallback message cannot be spoken yet')
    })
}

function speechSource({ config, logger, metrics, agent }: MediaParts) {
  const apiKey = agent.apiKey ?? (config.rehearsal ? REHEARSAL_KEY : undefined)
  if (apiKey === undefined) return undefined
  const cacheDir = join(config.dataDir, 'speech')
  const { voiceId } = config.agent
  return createSpeechSource(
    { logger, metrics },
    { apiKey, baseUrl: agent.restUrl, voiceId, cacheDir },
  )
}

function recordingDeps({ config, events, clock, mediaStore }: MediaParts) {
  return {
    policy: config.recordCalls,
    spoolFolder: join(config.dataDir, 'spool'),
    store: mediaStore,
    onRescued: (callId, told) => events.publish({ ...told, callId, at: clock.now() }),
  } satisfies Parameters<typeof openBridge>[0]['recording']
}
