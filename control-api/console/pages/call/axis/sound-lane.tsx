// What was heard: the recording's waves; without one, when each side was heard, as far as anybody tells.
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRecordingPeaksOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import type { GetRecordingPeaksResponse } from '../../../api/generated/types.gen.ts'
import type { AxisPlayer, CallAxisProps, Speech } from './axis-types.ts'
import { layerPx, type AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import type { Entry } from './entry.ts'
import { GAPS, LEVELS } from './geometry.ts'
import { withTone } from './tones.ts'
import { useClusters, useWindow } from './use-window.ts'
import type { Waveform } from './waveform.ts'
import css from './axis.module.css'

/** Slices of 20 ms, as much as the server gives of an hour. */
const POINTS_PER_SECOND = 50
const MOST_POINTS = 200_000
const LEAST_POINTS = 2000

/** What a vendor recorded is MP3: nobody reads from it how loud it was. */
export const isOfVendor = ({ provider }: CallAxisProps['call']): boolean =>
  provider === 'voximplant'

/** How loud both sides were; asked for only where there is a recording, and once: its file never changes. */
export function usePeaks(call: CallAxisProps['call']) {
  const seconds = call.duration_seconds ?? 0
  const points = Math.min(
    MOST_POINTS,
    Math.max(LEAST_POINTS, Math.ceil(seconds) * POINTS_PER_SECOND),
  )
  return useQuery({
    ...getRecordingPeaksOptions({ path: { call_id: call.call_id }, query: { points } }),
    enabled: call.has_recording && !isOfVendor(call),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    // Comparing 400,000 numbers with those known holds the page up.
    structuralSharing: false,
    meta: { live: false },
  })
}

/** The agent's vendor has the sound of its conversation; where there was none, it is that of the call. */
export function useVendorSound(call: CallAxisProps['call'], player: AxisPlayer): void {
  const { agent, answered_at: answered, created_at: created } = call
  const begins = agent.opened_at ?? answered
  const isAsked = isOfVendor(call) && call.has_recording && begins !== null
  const offsetMs = isAsked ? Date.parse(begins) - Date.parse(created) : null
  useEffect(() => {
    if (offsetMs !== null) player.beginsAt(offsetMs)
  }, [player, offsetMs])
}

interface WavesProps {
  readonly view: AxisView
  readonly audio: HTMLAudioElement
  readonly peaks: GetRecordingPeaksResponse
  readonly player: AxisPlayer
}

/** Beside the layer, not on it: wavesurfer draws only what is seen, and scrolls itself. */
export const Waves = memo(function Waves({ view, audio, peaks, player }: WavesProps) {
  const host = useRef<HTMLDivElement>(null)
  const [wave, setWave] = useState<Waveform | null>(null)
  const scheme = useComputedColorScheme()
  useEffect(() => player.beginsAt(peaks.offset_ms), [player, peaks.offset_ms])
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const late: { wave?: Waveform; isOver?: boolean } = {}
    void import('./waveform.ts').then(({ openWaveform }) => {
      if (late.isOver === true) return
      const { height } = LEVELS.sound
      const colors = colorsOf(element)
      late.wave = openWaveform({ host: element, audio, peaks, view, height, colors })
      setWave(late.wave)
    })
    return () => {
      late.isOver = true
      late.wave?.close()
      setWave(null)
    }
  }, [audio, peaks, view])
  useEffect(() => {
    if (host.current !== null) wave?.paint(colorsOf(host.current))
  }, [wave, scheme])
  return (
    <div className={css['sound']} style={LEVELS.sound} data-lane="waves">
      <div ref={host} className={css['wave']} style={{ width: '100%' }} />
    </div>
  )
})

/** A canvas knows no variables. */
function colorsOf(element: HTMLElement): { readonly caller: string; readonly agent: string } {
  const [caller = '', agent = ''] = ['caller', 'agent'].map((name) => {
    // One each: a change of colour may take its time, and tell the old one meanwhile.
    const probe = document.createElement('span')
    probe.style.color = `var(--${name})`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  })
  return { caller, agent }
}

/** Drawn on the layer. */
export const SpokenLane = memo(function SpokenLane({
  view,
  speech,
}: {
  readonly view: AxisView
  readonly speech: readonly Speech[]
}) {
  const { top, height } = LEVELS.sound
  return (
    <div className={css['level']} style={{ top, height }} data-lane="spoken">
      {(['caller', 'agent'] as const).map((who, row) => (
        <SpokenRow key={who} view={view} speech={speech} who={who} top={row * (height / 2) + 12} />
      ))}
    </div>
  )
})

function SpokenRow(props: {
  readonly view: AxisView
  readonly speech: readonly Speech[]
  readonly who: Speech['who']
  readonly top: number
}) {
  const { view, speech, who, top } = props
  const window = useWindow(view)
  const entries = useMemo(() => speech.filter((one) => one.who === who).map(asEntry), [speech, who])
  return useClusters(entries, window, GAPS.sound).map(({ key, fromMs, toMs }) => {
    const x = layerPx(window, fromMs)
    const width = Math.max(2, layerPx(window, toMs) - x)
    const style = { transform: `translateX(${x}px)`, width, top, height: 26 }
    return <div key={key} className={withTone(css['spoken'], who)} style={style} />
  })
}

const asEntry = ({ who, from_ms: fromMs, to_ms: toMs }: Speech): Entry => ({
  key: `${who}@${fromMs}`,
  lane: who === 'caller' ? 'caller-words' : 'agent-words',
  fromMs,
  toMs,
  label: '',
  title: '',
  tone: who,
  items: [],
})

/** Why there is no wave, in words. */
export function SoundNote({ speech, isLive }: Pick<CallAxisProps, 'speech' | 'isLive'>) {
  const say = useAxisWords()
  const { top, height } = LEVELS.sound
  return (
    <span
      className={css['note']}
      style={{ top: speech.length > 0 ? top + 40 : top + height / 2 - 9 }}
    >
      {say(isLive ? 'drawn_so_far' : speech.length > 0 ? 'drawn_from_words' : 'nothing_heard')}
    </span>
  )
}
