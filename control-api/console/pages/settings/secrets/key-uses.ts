// The keys of SECRETS_KEY as one list: which encrypts, which are still needed, which are not, which are missing.
import type { ExamineSecretsResponse } from '../../../api/generated/types.gen.ts'

export interface KeyUse {
  readonly keyId: string
  readonly secrets: number
  readonly use: 'active' | 'former' | 'unused' | 'missing'
}

export function keysOf(report: ExamineSecretsResponse): readonly KeyUse[] {
  const { active_key_id: active, by_key: byKey, unopened, unused_key_ids: unused } = report
  const counted = new Map(byKey.map(({ key_id: id, secrets }) => [id, secrets]))
  const lost = new Map(unopened.map(({ key_id: id, secrets }) => [id, secrets]))
  const former = [...counted.keys()].filter((id) => id !== active && !unused.includes(id))
  return [
    ...(active === null
      ? []
      : [{ keyId: active, secrets: counted.get(active) ?? 0, use: 'active' as const }]),
    ...former
      .filter((id) => !lost.has(id))
      .map((id) => ({ keyId: id, secrets: counted.get(id) ?? 0, use: 'former' as const })),
    ...unused.map((id) => ({ keyId: id, secrets: 0, use: 'unused' as const })),
    ...[...lost].map(([id, secrets]) => ({ keyId: id, secrets, use: 'missing' as const })),
  ]
}
