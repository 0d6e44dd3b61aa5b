// The actions that the audit log has, as far as this console knows them (control-api/access/audit-log.ts).
import { TABS } from '../../../components/voximplant/paths.ts'
import { animationAddress, fileAddress } from '../../media/paths.ts'

export const ACTIONS = [
  'session.opened',
  'session.closed',
  'key.created',
  'key.changed',
  'key.rotated',
  'key.revoked',
  'call.hung_up',
  'call.transfer_requested',
  'call.reviewed',
  'calls.exported',
  'retry.canceled',
  'recording.started',
  'recording.paused',
  'recording.resumed',
  'recording.deleted',
  'consent.withdrawn',
  'order.changed',
  'liza.imported',
  'erasure.requested',
  'job.retried',
  'job.deleted',
  'log_level.changed',
  'rehearsal.started',
  'rehearsal.canceled',
  'secrets.rotated',
  'webhook.created',
  'webhook.changed',
  'webhook.deleted',
  'webhook.tested',
  'webhook.replayed',
  'webhook.secret_rotated',
  'voximplant.account_added',
  'voximplant.account_changed',
  'voximplant.account_removed',
  'voximplant.application_added',
  'voximplant.application_changed',
  'voximplant.application_removed',
  'voximplant.scenario_pushed',
  'voximplant.sync_started',
  'voximplant.sync_canceled',
  'voximplant.data_synced',
  'voximplant.imported',
  'media.uploaded',
  'media.deleted',
  'media.transcoded',
  'animation.asked',
  'animation.canceled',
  'animation.retried',
  'animation.deleted',
] as const
export type Action = (typeof ACTIONS)[number]

export const isAction = (text: string): text is Action =>
  (ACTIONS as readonly string[]).includes(text)

/** i18next takes a dot for a step into the words. */
export type ActionKey<A extends string> = A extends `${infer Thing}.${infer What}`
  ? `did_${Thing}_${What}`
  : never
export const actionKey = (action: Action): ActionKey<Action> =>
  `did_${action.replace('.', '_')}` as ActionKey<Action>

/** Where what was changed can be looked at; what is gone, or has no page, is only named. */
export function targetPath(action: string, target: string): string | undefined {
  if (target.startsWith('call_')) return `/calls/${target}`
  if (target.startsWith('order_')) return `/orders/${target}`
  if (target.startsWith('erasure_')) return `/settings/erasures/${target}`
  if (target.startsWith('med_') && action !== 'media.deleted') return fileAddress(target)
  if (target.startsWith('ani_') && action !== 'animation.deleted') return animationAddress(target)
  if (target.startsWith('vac_') && action !== 'voximplant.account_removed') return TABS.setup
  if (target.startsWith('vap_') && action !== 'voximplant.application_removed')
    return TABS.applications
  if (target.startsWith('whe_') && action !== 'webhook.deleted') return `/webhooks/${target}`
  return undefined
}
