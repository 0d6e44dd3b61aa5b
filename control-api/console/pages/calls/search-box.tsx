// The one box for numbers and words.
import { CloseButton, TextInput } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'
import { decodeAsked, MAX_ASKED } from './call-search.ts'
import { useTypedText } from './typed-text.ts'
import { useCalls } from './words.ts'

interface SearchBoxProps {
  readonly asked: string
  readonly onAsk: (text: string) => void
}

const isUnfinished = (text: string): boolean => decodeAsked(text).kind === 'unfinished'
const isReady = (text: string): boolean => !isUnfinished(text)

export function SearchBox({ asked, onAsk }: SearchBoxProps) {
  const say = useCalls()
  const { text, type, ask } = useTypedText({ value: asked, onAsk, isReady })
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        ask(text)
      }}
    >
      <TextInput
        label={say('search')}
        description={say(isUnfinished(text) ? 'unfinished' : 'search_hint')}
        inputWrapperOrder={['label', 'input', 'description']}
        placeholder={say('search_example')}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        maxLength={MAX_ASKED}
        autoComplete="off"
        spellCheck={false}
        leftSection={<SearchIcon size={16} />}
        rightSection={
          text !== '' && (
            <CloseButton
              size="sm"
              aria-label={say('empty')}
              onClick={() => {
                type('')
                ask('')
              }}
            />
          )
        }
      />
    </form>
  )
}
