// Both sides of a recording as waves, by wavesurfer.js: it draws peaks that the server counted and decodes nothing. Where
// it stands and how large is the axis' business: wavesurfer scrolls when it is told, and its host is moved for the rest.
import WaveSurfer, { type WaveSurferOptions } from 'wavesurfer.js'
import type { GetRecordingPeaksResponse } from '../../../api/generated/types.gen.ts'
import type { AxisView } from './axis-view.ts'
import { drawPeaks } from './draw-peaks.ts'

export interface WaveColors {
  readonly caller: string
  readonly agent: string
}

export interface Waveform {
  paint(colors: WaveColors): void
  close(): void
}

export interface WaveformOptions {
  readonly host: HTMLElement
  readonly audio: HTMLAudioElement
  readonly peaks: GetRecordingPeaksResponse
  readonly colors: WaveColors
  readonly height: number
  readonly view: AxisView
}

const FULL_SCALE = 127
const MOST_GAIN = 4
/** While somebody zooms the picture is stretched; it is drawn anew when they rest. */
const REST_MS = 250

export function openWaveform(options: WaveformOptions): Waveform {
  const { host, peaks, view } = options
  const { duration_seconds: seconds, offset_ms: offsetMs } = peaks
  const drawn = { pxPerMs: view.pxPerMs }
  const split = splitter(options, drawn)
  const wave = createWave(options, drawn.pxPerMs, split)
  const place = (): void => {
    const left = view.layerX + (offsetMs - view.window().originMs) * view.pxPerMs
    const stretch = view.pxPerMs / drawn.pxPerMs
    const total = seconds * 1000 * drawn.pxPerMs
    // In the pixels that are drawn: what wavesurfer itself can scroll, and what its host is moved by beyond that.
    const scroll = Math.round(Math.max(0, Math.min(total - view.widthPx, -left / stretch)))
    wave.setScroll(scroll)
    host.style.transform = `translateX(${left + scroll * stretch}px) scaleX(${stretch})`
  }
  let resting: ReturnType<typeof setTimeout> | undefined
  const drawAnew = (): void => {
    drawn.pxPerMs = view.pxPerMs
    wave.zoom(drawn.pxPerMs * 1000)
    place()
  }
  const follow = (): void => {
    place()
    if (view.pxPerMs === drawn.pxPerMs) return
    clearTimeout(resting)
    resting = setTimeout(drawAnew, REST_MS)
  }
  const forget = [
    view.subscribe(follow),
    // It moves itself, too, when it draws: then it is put back.
    ...(['ready', 'resize', 'redrawcomplete', 'scroll'] as const).map((told) =>
      wave.on(told, place),
    ),
  ]
  place()
  return {
    paint(colors) {
      wave.setOptions({ splitChannels: split(colors) })
      place()
    },
    close() {
      clearTimeout(resting)
      for (const one of forget) one()
      wave.destroy()
    },
  }
}

type Split = NonNullable<WaveSurferOptions['splitChannels']>

/** Each side in its colour, drawn by us: each peak at its very moment. */
function splitter(
  { peaks: { channels, duration_seconds: seconds }, height }: WaveformOptions,
  drawn: { readonly pxPerMs: number },
): (colors: WaveColors) => Split {
  const gain = gainFor([channels.caller, channels.agent])
  const sides = { caller: loudness(channels.caller, gain), agent: loudness(channels.agent, gain) }
  return (colors) =>
    (['caller', 'agent'] as const).map((who) => ({
      height: height / 2,
      waveColor: colors[who],
      progressColor: colors[who],
      renderFunction: (_: unknown, context: CanvasRenderingContext2D) =>
        drawPeaks(sides[who], context, { seconds, pxPerSecond: drawn.pxPerMs * 1000 }),
    }))
}

const loudness = (side: readonly number[], gain: number): Float32Array =>
  Float32Array.from(side, (value) => (value / FULL_SCALE) * gain)

/** Both sides by the same, so that who is quieter looks quieter; a line without speech stays nearly flat. */
function gainFor(sides: readonly (readonly number[])[]): number {
  let most = 1
  for (const side of sides) for (const value of side) most = Math.max(most, value)
  return Math.min(MOST_GAIN, FULL_SCALE / most)
}

const createWave = (
  { host, audio, peaks, colors }: WaveformOptions,
  pxPerMs: number,
  split: (colors: WaveColors) => Split,
): WaveSurfer =>
  WaveSurfer.create({
    container: host,
    media: audio,
    // They are drawn by us, whole: here they only say that there are two sides.
    peaks: [peaks.channels.caller, peaks.channels.agent],
    duration: peaks.duration_seconds,
    minPxPerSec: pxPerMs * 1000,
    fillParent: false,
    interact: false,
    hideScrollbar: true,
    autoScroll: false,
    autoCenter: false,
    cursorWidth: 0,
    splitChannels: split(colors),
    cspNonce: document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '',
  })
