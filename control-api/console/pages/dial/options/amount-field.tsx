// A whole number between two others; left empty it is the usual one.
import { NumberInput } from '@mantine/core'

interface AmountFieldProps {
  readonly label: string
  readonly hint?: string
  /** Shown where nothing is typed. */
  readonly usual?: number
  readonly value: number | null
  readonly onChange: (value: number | null) => void
  readonly min: number
  readonly max: number
  readonly error?: string | undefined
  readonly disabled?: boolean
}

export function AmountField({ hint, usual, value, onChange, ...rest }: AmountFieldProps) {
  return (
    <NumberInput
      {...rest}
      description={hint}
      placeholder={usual === undefined ? undefined : String(usual)}
      value={value ?? ''}
      onChange={(typed) => onChange(typeof typed === 'number' ? typed : null)}
      allowDecimal={false}
      allowNegative={false}
      // Leaving the field puts it between the two.
      clampBehavior="blur"
      hideControls
      maw={220}
    />
  )
}
