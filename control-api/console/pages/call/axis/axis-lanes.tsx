// All lanes of the axis, from the ladder down to the silences, and the lines through them.
import type { ReactNode } from 'react'
import { providerName } from '../../../components/provider-name.ts'
import type { AxisModel } from './axis-model.ts'
import type { CallAxisProps } from './axis-types.ts'
import type { AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import { LEVELS, SESSION } from './geometry.ts'
import { Guard, Lifelines, Sessions } from './ladder.tsx'
import { LadderLane, MomentLane, StretchLane } from './lanes.tsx'
import { ChosenLine, Future, PlayCursor } from './overlays.tsx'
import {
  isOfVendor,
  SoundNote,
  SpokenLane,
  usePeaks,
  useVendorSound,
  Waves,
} from './sound-lane.tsx'
import type { Following } from './use-following.ts'
import css from './axis.module.css'

interface AxisLanesProps extends CallAxisProps {
  readonly view: AxisView
  readonly model: AxisModel
  readonly audio: HTMLAudioElement | null
  readonly following: Following
}

/** What lies on the layer. */
export function LayerLanes(props: AxisLanesProps): ReactNode {
  const { view, model, call, speech, selected } = props
  const shared = { view, selectedKey: selected?.key ?? null }
  const { lanes, guard } = model
  return (
    <>
      {guard !== null && (
        <Guard view={view} guard={guard} openMs={call.agent.open_ms_after_answer} />
      )}
      <StretchLane {...shared} level="state" entries={lanes.state} />
      <LadderLane {...shared} hop="sip" entries={lanes.sip} />
      <LadderLane {...shared} hop="link" entries={lanes.link} />
      <Sessions {...shared} sessions={model.sessions} call={call} />
      {(!call.has_recording || isOfVendor(call)) && <SpokenLane view={view} speech={speech} />}
      <StretchLane {...shared} level="caller-words" entries={lanes['caller-words']} />
      <StretchLane {...shared} level="agent-words" entries={lanes['agent-words']} />
      <MomentLane {...shared} level="agent" entries={lanes.agent} />
      <MomentLane {...shared} level="call" entries={lanes.call} />
      <StretchLane {...shared} level="silence" entries={lanes.silence} />
    </>
  )
}

/** What stands beside the layer: it places itself, or does not move at all. */
export function StandingLanes(props: AxisLanesProps): ReactNode {
  const { view, model, call, speech, selected, isLive, player, audio, following } = props
  const say = useAxisWords()
  const peaks = usePeaks(call)
  useVendorSound(call, player)
  const hasNoWaves = call.has_recording && isOfVendor(call)
  const hasAgent = model.sessions.length > 0
  return (
    <>
      <Lifelines />
      {call.provider !== 'sip' && (
        <span className={css['note']} style={{ top: LEVELS.ladder.top - 2 }}>
          {say('by_provider', { provider: providerName(call.provider) })}
        </span>
      )}
      {!hasAgent && model.all.length > 0 && (
        <span className={css['note']} style={{ top: LEVELS.ladder.top + SESSION.top + 4 }}>
          {say(isLive ? 'no_agent_yet' : 'no_agent')}
        </span>
      )}
      {call.has_recording && peaks.data !== undefined && audio !== null && (
        <Waves view={view} audio={audio} peaks={peaks.data} player={player} />
      )}
      {hasNoWaves && (
        <span className={css['note']} style={{ top: LEVELS.sound.top + 40 }}>
          {say('wave_none')}
        </span>
      )}
      {call.has_recording && peaks.error !== null && (
        <span className={css['note']} style={{ top: LEVELS.sound.top + 40 }}>
          {say('wave_failed')}
        </span>
      )}
      {!call.has_recording && <SoundNote speech={speech} isLive={isLive} />}
      {model.guard !== null &&
        !model.guard.isProvider &&
        !isLive &&
        model.lanes.silence.length === 0 && (
          <span className={css['note']} style={{ top: LEVELS.silence.top + 3 }}>
            {say('no_silence')}
          </span>
        )}
      <ChosenLine view={view} ms={selected?.offsetMs ?? null} />
      <PlayCursor view={view} player={player} />
      {isLive && <Future view={view} nowMs={following.nowMs} isFollowing={following.isNow} />}
    </>
  )
}
