// One side's peaks on one of the canvases that a long wave is made of, each where its moment is.

interface Scale {
  readonly seconds: number
  readonly pxPerSecond: number
}

/** Of a canvas' context, what is used of it. */
interface Brush {
  readonly canvas: {
    readonly width: number
    readonly height: number
    readonly style: { readonly width: string; readonly left: string }
  }
  fillRect(x: number, y: number, width: number, height: number): void
}

/** What is quiet is seen to be there. */
const LEAST_PX = 0.5

/** @param peaks 0 to 1, evenly over the whole recording */
export function drawPeaks(peaks: Float32Array, context: Brush, scale: Scale): void {
  const { canvas } = context
  const { width, height } = canvas
  const ratio = width / (Number.parseFloat(canvas.style.width) || width)
  const firstPx = Number.parseFloat(canvas.style.left) || 0
  const middle = height / 2
  for (let x = 0; x < width; x += 1) {
    const { from, to } = pointsUnder(firstPx + x / ratio, firstPx + (x + 1) / ratio, peaks, scale)
    if (from >= to) continue
    const half = Math.max(LEAST_PX, loudest(peaks, from, to) * (middle - 1))
    context.fillRect(x, middle - half, 1, half * 2)
  }
}

/** Which of the peaks lie under these pixels of the whole wave: one at least, where there are any. */
export function pointsUnder(
  fromPx: number,
  toPx: number,
  { length }: { readonly length: number },
  { seconds, pxPerSecond }: Scale,
): { readonly from: number; readonly to: number } {
  const perPx = length / (seconds * pxPerSecond)
  const from = Math.floor(fromPx * perPx)
  return { from, to: Math.min(length, Math.max(from + 1, Math.floor(toPx * perPx))) }
}

function loudest(peaks: Float32Array, from: number, to: number): number {
  let most = 0
  for (let index = from; index < to; index += 1) most = Math.max(most, peaks[index] ?? 0)
  return most
}
