// With which key the account is used.
import { PasswordInput, Radio, Stack } from '@mantine/core'
import { CREDENTIAL_KINDS, withKeyText, type AccountDraft } from './account-draft.ts'
import { KeyFileField } from './key-file-field.tsx'
import { useSetup } from './words.ts'

interface CredentialFieldsProps {
  readonly draft: AccountDraft
  readonly onChange: (draft: AccountDraft) => void
  /** Of an account that has a key. */
  readonly isOptional: boolean
}

export function CredentialFields({ draft, onChange, isOptional }: CredentialFieldsProps) {
  const say = useSetup()
  return (
    <>
      <Radio.Group
        label={say('kind')}
        value={draft.kind}
        onChange={(value) =>
          onChange({ ...draft, kind: value === 'api_key' ? 'api_key' : 'service_account' })
        }
      >
        <Stack gap="xs" mt={6}>
          {CREDENTIAL_KINDS.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={say(`kind_${kind}`)}
              description={say(`kind_${kind}_hint`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {draft.kind === 'api_key' ? (
        <PasswordInput
          label={say('api_key')}
          {...(isOptional ? { description: say('api_key_keep') } : {})}
          value={draft.apiKey}
          maxLength={200}
          onChange={(event) => onChange({ ...draft, apiKey: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          required={!isOptional}
        />
      ) : (
        <KeyFileField
          text={draft.keyText}
          onText={(text) =>
            // Of an account that is there, the number stays what it is.
            onChange(isOptional ? { ...draft, keyText: text } : withKeyText(draft, text))
          }
          isOptional={isOptional}
        />
      )}
    </>
  )
}
