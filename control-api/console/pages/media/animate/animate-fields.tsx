// The fields of an animation: photo, words, provider, voice.
import {
  Box,
  Input,
  NativeSelect,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { ApiProblem } from '../../../api/problem.ts'
import { number } from '../../../words/amounts.ts'
import { oneOf, MAX_MEMORIAL } from '../media-search.ts'
import { PROVIDER_NAMES, PROVIDERS, type Provider, type Providers } from '../shapes.ts'
import {
  faultsOf,
  lengthOf,
  limitsOf,
  MAX_URL,
  MAX_VOICE,
  type AnimateDraft,
  type DraftField,
} from './animate-draft.ts'
import { PhotoChoice } from './photo-choice.tsx'
import { useAnimateWords } from './words.ts'

interface AnimateFieldsProps {
  readonly known: Providers
  readonly provider: Provider
  readonly draft: AnimateDraft
  readonly change: (patch: Partial<AnimateDraft>) => void
  /** Of the last try. */
  readonly problem: ApiProblem | null
}

export function AnimateFields(props: AnimateFieldsProps) {
  return (
    <>
      <PictureField {...props} />
      <WordsField {...props} />
      <ProviderField {...props} />
      <VoiceFields {...props} />
    </>
  )
}

/** What is wrong beside a field, once it is worth saying: an empty one is only missing. */
function useErrors({ draft, provider, problem }: AnimateFieldsProps) {
  const say = useAnimateWords()
  const faults = faultsOf(draft, provider)
  return (field: DraftField, isTyped: boolean): string | undefined => {
    const refused = problem?.fields.find((one) => one.field === field)?.message
    const fault = faults[field]
    if (refused !== undefined) return refused
    return fault === undefined || !isTyped ? undefined : say(fault)
  }
}

function PictureField(props: AnimateFieldsProps) {
  const { draft, change } = props
  const say = useAnimateWords()
  const errorOf = useErrors(props)
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={say('photo')}
        value={draft.source}
        onChange={(value) => change({ source: value === 'address' ? 'address' : 'library' })}
        data={[
          { value: 'library', label: say('of_library') },
          { value: 'address', label: say('of_address') },
        ]}
      />
      {draft.source === 'library' ? (
        <PhotoChoice chosen={draft.photo} onChoose={(photo) => change({ photo })} />
      ) : (
        <>
          <TextInput
            label={say('image_url')}
            description={say('image_url_hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            type="url"
            placeholder="https://"
            value={draft.imageUrl}
            maxLength={MAX_URL}
            onChange={(event) => change({ imageUrl: event.currentTarget.value })}
            error={errorOf('image_url', draft.imageUrl !== '')}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            label={say('memorial')}
            value={draft.memorialId}
            maxLength={MAX_MEMORIAL}
            onChange={(event) => change({ memorialId: event.currentTarget.value })}
            error={errorOf('memorial_id', true)}
            autoComplete="off"
            spellCheck={false}
          />
        </>
      )}
    </Stack>
  )
}

function WordsField(props: AnimateFieldsProps) {
  const { draft, change, provider } = props
  const say = useAnimateWords()
  const errorOf = useErrors(props)
  const { max_prompt_chars: most, min_prompt_chars: least } = limitsOf(provider)
  const count = lengthOf(draft.prompt)
  return (
    <Textarea
      label={say('prompt')}
      description={say('counter', {
        used: number(count),
        most: number(most),
        least: number(least),
      })}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required
      rows={5}
      value={draft.prompt}
      onChange={(event) => change({ prompt: event.currentTarget.value })}
      error={errorOf('prompt', draft.prompt !== '')}
      data-autofocus
    />
  )
}

function ProviderField({ known, provider, change }: AnimateFieldsProps) {
  const say = useAnimateWords()
  const configured = known.items.filter(({ is_configured: is }) => is)
  const labelOf = ({ provider: one, is_default: isDefault, is_simulated: isSimulated }: Provider) =>
    [
      PROVIDER_NAMES[one],
      ...(isDefault ? [say('default')] : []),
      ...(isSimulated ? [say('simulated')] : []),
    ].join(' · ')
  return (
    <NativeSelect
      label={say('provider')}
      value={provider.provider}
      onChange={(event) => {
        // A voice is one of a provider's own.
        change({ provider: oneOf(PROVIDERS, event.currentTarget.value) ?? null, voiceId: '' })
      }}
      data={configured.map((one) => ({ value: one.provider, label: labelOf(one) }))}
    />
  )
}

function VoiceFields(props: AnimateFieldsProps) {
  const { known, provider, draft, change } = props
  const say = useAnimateWords()
  const errorOf = useErrors(props)
  const isOurs = draft.speech === 'elevenlabs'
  const usual = isOurs ? null : provider.default_voice_id
  return (
    <>
      {known.can_speak_by_elevenlabs && (
        <Box>
          <Input.Label component="div" id="animate-speech">
            {say('speech')}
          </Input.Label>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-labelledby="animate-speech"
            value={draft.speech}
            onChange={(value) =>
              change({ speech: value === 'elevenlabs' ? 'elevenlabs' : 'provider', voiceId: '' })
            }
            data={[
              {
                value: 'provider',
                label: say('speech_provider', { name: PROVIDER_NAMES[provider.provider] }),
              },
              { value: 'elevenlabs', label: 'ElevenLabs' },
            ]}
          />
          <Text size="xs" c="dimmed" mt={4}>
            {say(`speech_${draft.speech}_hint`)}
          </Text>
        </Box>
      )}
      <TextInput
        label={say('voice')}
        description={usual === null ? say('voice_hint') : say('voice_usual', { voice: usual })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={draft.voiceId}
        maxLength={MAX_VOICE}
        onChange={(event) => change({ voiceId: event.currentTarget.value })}
        error={errorOf('voice_id', true)}
        autoComplete="off"
        spellCheck={false}
      />
    </>
  )
}
