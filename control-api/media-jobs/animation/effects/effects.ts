// Each kind of work, and what does it.
import type { AnimationEvent } from '../machine/event.ts'
import type { Work, WorkKind } from '../machine/work.ts'
import { SETTING_OF } from '../ports.ts'
import { createPoll, look, remove } from './ask-provider.ts'
import { createCheck } from './check.ts'
import { createDownload } from './download.ts'
import type { Effect, EffectDeps, ProviderEffect } from './effect.ts'
import { createFetchPhoto } from './fetch-photo.ts'
import { createSpeak } from './speak.ts'
import { createStore } from './store.ts'
import { createSubmit } from './submit.ts'
import { createUpload } from './upload.ts'

/** Without a place being taken, which is a write, and waits. */
export type EffectKind = Exclude<WorkKind, 'none' | 'wait' | 'take-place'>
export type Effects = Readonly<Record<EffectKind, Effect>>

export const isEffect = (work: Work): work is Extract<Work, { readonly kind: EffectKind }> =>
  work.kind !== 'none' && work.kind !== 'wait' && work.kind !== 'take-place'

export function createEffects(deps: EffectDeps): Effects {
  const event =
    (what: AnimationEvent): Effect =>
    () =>
      Promise.resolve(what)
  const unconfigured: Effect = ({ row }) =>
    Promise.resolve({ kind: 'unconfigured', setting: SETTING_OF[row.provider] })
  const asking =
    (effect: ProviderEffect): Effect =>
    (effort) => {
      const provider = deps.providers.find(effort.row.provider)
      return provider === undefined ? unconfigured(effort) : effect(provider, effort)
    }
  return {
    forget: event({ kind: 'forgotten' }),
    cancel: event({ kind: 'canceled' }),
    'say-unconfigured': unconfigured,
    'fetch-photo': createFetchPhoto(deps),
    speak: createSpeak(deps),
    upload: asking(createUpload(deps)),
    submit: asking(createSubmit(deps, false)),
    repeat: asking(createSubmit(deps, true)),
    look: asking(look),
    poll: asking(createPoll(deps)),
    remove: asking(remove),
    download: asking(createDownload(deps)),
    check: createCheck(deps),
    store: createStore(deps),
  }
}
