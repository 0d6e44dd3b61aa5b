// What plays the recording of a call, in milliseconds of the call's axis: one for the whole page.
import { useEffect, useState, useSyncExternalStore } from 'react'

export const RATES = [1, 1.5, 2] as const
export type Rate = (typeof RATES)[number]

/** Where the cursor is; without a recording it can be put somewhere all the same. */
export class AxisPlayer {
  #audio: HTMLAudioElement | null = null
  #offsetMs = 0
  #cursorMs: number | null = null
  #rate: Rate = 1
  #frame: number | undefined
  readonly #listeners = new Set<() => void>()
  /** Each frame while it plays: for what is moved without rendering. */
  readonly #frameListeners = new Set<(cursorMs: number | null) => void>()
  #unlisten: () => void = () => undefined

  /** @returns lets go of it again */
  attach(audio: HTMLAudioElement): () => void {
    this.#audio = audio
    audio.playbackRate = this.#rate
    const heard = new AbortController()
    const told = { signal: heard.signal }
    for (const type of ['play', 'pause', 'ended', 'ratechange', 'error', 'loadedmetadata'] as const)
      audio.addEventListener(type, () => this.#changed(), told)
    for (const type of ['timeupdate', 'seeking', 'seeked'] as const)
      audio.addEventListener(type, () => this.#follow(), told)
    audio.addEventListener('play', () => this.#run(), told)
    this.#unlisten = () => heard.abort()
    this.#changed()
    return () => {
      if (this.#audio !== audio) return
      audio.pause()
      this.#unlisten()
      this.#audio = null
      if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
      this.#frame = undefined
      this.#changed()
    }
  }

  /** Where on the axis the recording begins. */
  beginsAt(offsetMs: number): void {
    this.#offsetMs = offsetMs
    if (this.#audio !== null && this.#cursorMs !== null) this.#place(this.#cursorMs)
  }

  get canPlay(): boolean {
    return this.#audio !== null && this.#audio.error === null
  }

  get isPlaying(): boolean {
    return this.#audio !== null && !this.#audio.paused && !this.#audio.ended
  }

  get hasFailed(): boolean {
    return this.#audio?.error != null
  }

  get rate(): Rate {
    return this.#rate
  }

  get cursorMs(): number | null {
    return this.#cursorMs
  }

  seek(offsetMs: number): void {
    this.#cursorMs = offsetMs
    this.#place(offsetMs)
    this.#tellFrame()
    this.#changed()
  }

  play(): void {
    // Refused by a browser that wants a click first: it stays paused, which is what is shown.
    void this.#audio?.play().catch(() => this.#changed())
  }

  pause(): void {
    this.#audio?.pause()
  }

  toggle(): void {
    if (this.isPlaying) this.pause()
    else this.play()
  }

  setRate(rate: Rate): void {
    this.#rate = rate
    if (this.#audio !== null) this.#audio.playbackRate = rate
    this.#changed()
  }

  /** A hook: the cursor's place a few times a second; null before there is one. */
  readonly useTime: () => number | null = timeHook(this)

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly onFrame = (listener: (cursorMs: number | null) => void): (() => void) => {
    this.#frameListeners.add(listener)
    return () => this.#frameListeners.delete(listener)
  }

  #place(offsetMs: number): void {
    if (this.#audio === null) return
    this.#audio.currentTime = Math.max(0, (offsetMs - this.#offsetMs) / 1000)
  }

  /** Takes the cursor from what is heard. */
  #read(): void {
    if (this.#audio !== null) this.#cursorMs = this.#offsetMs + this.#audio.currentTime * 1000
  }

  #follow(): void {
    // A cursor before the recording's beginning, or after its end, stays where it was put.
    if (this.isPlaying) this.#read()
    this.#changed()
    this.#tellFrame()
  }

  #run(): void {
    if (this.#frame !== undefined) return
    const step = (): void => {
      this.#frame = undefined
      if (!this.isPlaying) return
      this.#read()
      this.#tellFrame()
      this.#frame = requestAnimationFrame(step)
    }
    this.#frame = requestAnimationFrame(step)
  }

  #tellFrame(): void {
    for (const listener of this.#frameListeners) listener(this.#cursorMs)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

const timeHook = (player: AxisPlayer) =>
  function useTime(): number | null {
    return useSyncExternalStore(player.subscribe, () => player.cursorMs)
  }

/** One for a call's page; another call's page has its own. */
export function useAxisPlayer(): AxisPlayer {
  const [player] = useState(() => new AxisPlayer())
  useEffect(() => () => player.pause(), [player])
  return player
}

/** What of it is to be seen on its buttons. */
export function usePlayerState(player: AxisPlayer): {
  readonly isPlaying: boolean
  readonly canPlay: boolean
  readonly hasFailed: boolean
  readonly rate: Rate
} {
  const isPlaying = useSyncExternalStore(player.subscribe, () => player.isPlaying)
  const canPlay = useSyncExternalStore(player.subscribe, () => player.canPlay)
  const hasFailed = useSyncExternalStore(player.subscribe, () => player.hasFailed)
  const rate = useSyncExternalStore(player.subscribe, () => player.rate)
  return { isPlaying, canPlay, hasFailed, rate }
}
