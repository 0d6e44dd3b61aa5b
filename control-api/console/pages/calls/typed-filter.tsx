// A filter that is typed: a day, a name.
import { TextInput } from '@mantine/core'
import { useTypedText } from './typed-text.ts'

interface TypedFilterProps {
  readonly label: string
  readonly value: string
  readonly type?: 'text' | 'date'
  readonly maxLength?: number
  /** Of an unfinished text: nothing is asked for. */
  readonly isReady?: (text: string) => boolean
  readonly onAsk: (text: string) => void
}

const always = (): boolean => true

export function TypedFilter(props: TypedFilterProps) {
  const { label, value, type: kind = 'text', maxLength, isReady = always, onAsk } = props
  const { text, type, ask } = useTypedText({ value, onAsk, isReady })
  return (
    <TextInput
      size="xs"
      type={kind}
      label={label}
      value={text}
      maxLength={maxLength}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && ask(text)}
    />
  )
}
