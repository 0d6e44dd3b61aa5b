// How far something is, drawn and said; in words where Mantine's own says a bare percentage.
import { Progress } from '@mantine/core'

interface ProgressBarProps {
  /** 0 to 1. */
  readonly share: number
  readonly label: string
  /** What it stands at. */
  readonly words: string
  readonly isMoving?: boolean
}

export function ProgressBar({ share, label, words, isMoving = false }: ProgressBarProps) {
  const percent = Math.round(share * 100)
  return (
    <Progress.Root size="md">
      <Progress.Section
        value={percent}
        animated={isMoving}
        withAria={false}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={words}
      />
    </Progress.Root>
  )
}
