// Where a phone number is typed: says which country it belongs to, or what is missing.
import type { ReactNode } from 'react'
import { TextInput } from '@mantine/core'
import { locale } from '../../words/language.ts'
import { checkNumber } from './phone-number.ts'
import { useNumberWords } from './words.ts'

interface NumberInputProps {
  readonly label: string
  readonly description?: ReactNode
  readonly value: string
  readonly onChange: (text: string) => void
  /** Left empty it is no fault. */
  readonly isOptional?: boolean
  /** What the server said of it. */
  readonly refusal?: string | undefined
  /** What is wrong is said once somebody has done typing. */
  readonly showsFault: boolean
  readonly onBlur?: () => void
  readonly size?: 'sm' | 'md'
  readonly disabled?: boolean
}

export function NumberInput(props: NumberInputProps) {
  const { label, description, value, onChange, isOptional, refusal, showsFault, onBlur } = props
  const say = useNumberWords()
  const checked = checkNumber(value)
  const isQuiet = checked.fault === 'empty' && isOptional === true
  const fault = checked.fault !== null && showsFault && !isQuiet ? say(checked.fault) : undefined
  const hint =
    checked.fault === null
      ? say('reads', { country: countryName(checked.region), number: checked.grouped })
      : undefined
  return (
    <TextInput
      type="tel"
      size={props.size ?? 'sm'}
      label={label}
      description={hint ?? description}
      placeholder="+49 30 123456"
      autoComplete="off"
      required={isOptional !== true}
      disabled={props.disabled}
      maxLength={64}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={onBlur}
      error={refusal ?? fault}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
    />
  )
}

const countryName = (region: string): string =>
  new Intl.DisplayNames([locale()], { type: 'region' }).of(region) ?? region
