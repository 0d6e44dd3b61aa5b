// Which part of the axis is seen, and how large: one place for all lanes, told to whoever draws.
export interface Window {
  /** What is drawn: somewhat more than is seen. */
  readonly fromMs: number
  readonly toMs: number
  readonly pxPerMs: number
  /** What positions on the layer count from: it stays for long, so that moving along moves nothing on the layer. */
  readonly originMs: number
}

/** 1 ms is two pixels: nothing is recorded finer. */
const MOST_PX_PER_MS = 2
/** Browsers lay out no more than this many pixels in a row. */
const MOST_PX = 16_000_000
/** Room before the beginning, and after the end, so that what stands at the last moment can be read. */
const MARGIN_PX = 16
const END_MARGIN_PX = 110
const END_MARGIN_SHARE = 0.16
const LEAST_LENGTH_MS = 500
/** Browsers place things exactly as long as their numbers are not much larger than this. */
const ORIGIN_STEP_PX = 100_000
/** Drawn beyond each edge, in widths of what is seen. */
const OVERSCAN = 0.5

/** Pixels on the layer. */
export const layerPx = ({ originMs, pxPerMs }: Window, ms: number): number =>
  (ms - originMs) * pxPerMs

export class AxisView {
  #startMs = 0
  #pxPerMs = 0.1
  #widthPx = 0
  #fromMs = 0
  #toMs = LEAST_LENGTH_MS
  #isFit = true
  #window: Window = { fromMs: 0, toMs: 0, pxPerMs: 0.1, originMs: 0 }
  readonly #listeners = new Set<() => void>()

  get startMs(): number {
    return this.#startMs
  }

  get pxPerMs(): number {
    return this.#pxPerMs
  }

  get widthPx(): number {
    return this.#widthPx
  }

  get endMs(): number {
    return this.msAt(this.#widthPx)
  }

  /** The whole call is seen, and stays so however wide the page gets. */
  get isFit(): boolean {
    return this.#isFit
  }

  get bounds(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: this.#fromMs, toMs: this.#toMs }
  }

  /** The one rule of where something is: pixels from the left edge of what is seen. */
  xOf(ms: number): number {
    return (ms - this.#startMs) * this.#pxPerMs
  }

  /** Where the layer that everything is drawn on begins: whole pixels, so that text is sharp. */
  get layerX(): number {
    return Math.round(this.xOf(this.#window.originMs))
  }

  msAt(x: number): number {
    return this.#startMs + x / this.#pxPerMs
  }

  /** The same object until something else has to be drawn: for useSyncExternalStore. */
  readonly window = (): Window => this.#window

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  resize(widthPx: number): void {
    if (widthPx === this.#widthPx || widthPx <= 0) return
    this.#widthPx = widthPx
    this.#apply(this.#startMs, this.#pxPerMs)
  }

  /** What there is to be seen, from its first to its last moment. */
  setBounds(fromMs: number, toMs: number): void {
    const end = Math.max(toMs, fromMs + LEAST_LENGTH_MS)
    if (fromMs === this.#fromMs && end === this.#toMs) return
    this.#fromMs = fromMs
    this.#toMs = end
    this.#apply(this.#startMs, this.#pxPerMs)
  }

  fit(): void {
    this.#isFit = true
    this.#apply(this.#startMs, this.#pxPerMs)
  }

  panBy(px: number): void {
    this.panTo(this.#startMs + px / this.#pxPerMs)
  }

  panTo(startMs: number): void {
    if (this.#isFit) return
    this.#apply(startMs, this.#pxPerMs)
  }

  /** What lies under this point stays there. */
  zoomAround(x: number, factor: number): void {
    const ms = this.msAt(x)
    const pxPerMs = this.#clampScale(this.#pxPerMs * factor)
    this.#isFit = pxPerMs <= this.#fitScale() * 1.0001
    this.#apply(ms - x / pxPerMs, pxPerMs)
  }

  /** So that this stretch fills most of what is seen. */
  show(fromMs: number, toMs: number): void {
    const length = Math.max(toMs - fromMs, 1)
    const pxPerMs = this.#clampScale((this.#widthPx * 0.6) / length)
    this.#isFit = pxPerMs <= this.#fitScale() * 1.0001
    this.#apply((fromMs + toMs) / 2 - this.#widthPx / 2 / pxPerMs, pxPerMs)
  }

  /** Moves only if it has to. */
  reveal(ms: number, marginPx = 48): void {
    const x = this.xOf(ms)
    if (x < marginPx) this.panBy(x - this.#widthPx * 0.25)
    else if (x > this.#widthPx - marginPx) this.panBy(x - this.#widthPx * 0.75)
  }

  #fitScale(): number {
    const room = Math.max(1, this.#widthPx - MARGIN_PX - this.#endMarginPx())
    return room / (this.#toMs - this.#fromMs)
  }

  #endMarginPx(): number {
    return Math.min(END_MARGIN_PX, this.#widthPx * END_MARGIN_SHARE)
  }

  #clampScale(pxPerMs: number): number {
    const least = this.#fitScale()
    const most = Math.min(MOST_PX_PER_MS, MOST_PX / (this.#toMs - this.#fromMs))
    return Math.max(least, Math.min(Math.max(most, least), pxPerMs))
  }

  #apply(startMs: number, pxPerMs: number): void {
    const scale = this.#isFit ? this.#fitScale() : this.#clampScale(pxPerMs)
    const margin = MARGIN_PX / scale
    const seenMs = (this.#widthPx - this.#endMarginPx()) / scale
    const last = Math.max(this.#fromMs - margin, this.#toMs - seenMs)
    const wanted = this.#isFit ? this.#fromMs - margin : startMs
    const start = Math.max(this.#fromMs - margin, Math.min(last, wanted))
    if (start === this.#startMs && scale === this.#pxPerMs && this.#covers()) return
    this.#startMs = start
    this.#pxPerMs = scale
    if (!this.#covers()) this.#window = this.#drawn()
    for (const listener of this.#listeners) listener()
  }

  #covers(): boolean {
    const { fromMs, toMs, pxPerMs } = this.#window
    return (
      pxPerMs === this.#pxPerMs && toMs > fromMs && fromMs <= this.#startMs && toMs >= this.endMs
    )
  }

  #drawn(): Window {
    const beyond = (this.#widthPx * OVERSCAN) / this.#pxPerMs
    const [fromMs, toMs] = [this.#startMs - beyond, this.endMs + beyond]
    const stepMs = ORIGIN_STEP_PX / this.#pxPerMs
    const originMs = Math.floor(fromMs / stepMs) * stepMs
    return { fromMs, toMs, pxPerMs: this.#pxPerMs, originMs }
  }
}
