// What must hold when an animation whose process was killed has ended: done, once, paid once, nothing left over.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnimationProviderName } from '../../control-api/media-jobs/animation/animation.ts'
import type { World } from './world.ts'

export async function judge(
  world: World,
  provider: AnimationProviderName,
  taskId: string,
): Promise<readonly string[]> {
  const row = world.product.row(taskId)
  const vendor = provider === 'd-id' ? world.dId : world.heyGen
  const jobs = vendor.jobs.filter(({ clientRef }) => clientRef?.startsWith(taskId) === true)
  const steps = world.product
    .all('select step, position from animation_steps where task_id = ? order by position', taskId)
    .map(({ step }) => String(step))
  const said = `${steps.join(' ')}; ${row?.error ?? ''}`
  return [
    ...(row?.state === 'done' ? [] : [`it is ${row?.state ?? 'gone'}: ${said}`]),
    ...(steps.filter((step) => step === 'done').length === 1 ? [] : [`it ended not once: ${said}`]),
    ...(jobs.length === 1 ? [] : [`it is paid ${jobs.length} times: ${said}`]),
    ...(await served(world, row?.result_media_id ?? null)),
    ...(await leftOver(world, taskId)),
  ]
}

async function served({ product, video }: World, mediaId: string | null): Promise<string[]> {
  if (mediaId === null) return ['it has no video']
  const answer = await fetch(`${product.url}/api/v1/media/${mediaId}/content`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return answer.status === 200 && bytes.equals(video)
    ? []
    : [`its video is not the provider’s: ${answer.status}, ${bytes.length} bytes`]
}

/** Every file of the store is named by a row, and the work folder knows nothing of it. */
async function leftOver({ product, dataDir }: World, taskId: string): Promise<string[]> {
  const work = (await readdir(join(dataDir, 'media-work'))).filter((name) => name.includes(taskId))
  const named = product
    .all('select key, preview_key, web_key from media_items')
    .flatMap((row) => [row['key'], row['preview_key'], row['web_key']])
    .filter((key) => typeof key === 'string').length
  const stored = (
    await readdir(join(dataDir, 'media'), { recursive: true, withFileTypes: true })
  ).filter((entry) => entry.isFile()).length
  const videos = product.all(
    "select media_id from media_items where task_id = ? and kind = 'video'",
    taskId,
  )
  return [
    ...(work.length === 0 ? [] : [`left in the work folder: ${work.join(', ')}`]),
    ...(stored === named ? [] : [`${stored} files in the store, ${named} are named`]),
    ...(videos.length === 1 ? [] : [`${videos.length} videos of it`]),
  ]
}
