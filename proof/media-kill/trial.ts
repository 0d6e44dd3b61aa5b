// One kill: an animation is asked for, its process dies at a point of it, the next one goes on; then all is counted.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../seeded-random.ts'
import { judge } from './judge.ts'
import type { KillCase } from './points.ts'
import type { World } from './world.ts'

export interface Trial {
  readonly taskId: string
  /** It was still there when the process was dead. */
  readonly isHit: boolean
  readonly problems: readonly string[]
}

const MEET_MS = 30_000
/** Most states stay for hundreds of milliseconds; the fleeting one comes after one that stays for as long. */
const LOOK_MS = 2
const BLINK_MS = 2
/** Longer than we wait for an answer to a submission. */
const END_MS = 200_000

export async function runTrial(world: World, one: KillCase, random: Random): Promise<Trial> {
  const taskId = await ask(world, one)
  const isMet = await meet(world, one, taskId)
  const { spreadMs, leastMs = 0 } = one.point
  await sleep(leastMs + random.below(spreadMs + 1))
  await world.product.kill()
  const row = world.product.row(taskId)
  const isHit = isMet && row !== undefined && one.point.isMet(row)
  await world.restart()
  await ended(world, taskId)
  return { taskId, isHit, problems: await judge(world, one.provider, taskId) }
}

async function ask(world: World, { point, provider }: KillCase): Promise<string> {
  const { url } = world.product
  const vendor = provider === 'd-id' ? world.dId : world.heyGen
  const route = provider === 'd-id' ? 'POST /images' : 'POST /v3/assets'
  if (point.isSlowUpload === true) vendor.fail({ kind: 'slow', ms: 500 }, { of: route })
  const photo =
    point.isLinked === true ? { image_url: world.linkUrl } : { media_id: await upload(world) }
  const body = JSON.stringify({ ...photo, provider, prompt: `Hello there. ${point.faults}` })
  const answer = await fetch(`${url}/api/v1/ai/photo/animate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const asked = (await answer.json()) as { readonly task_id?: string; readonly detail?: string }
  if (asked.task_id === undefined) throw new Error(`it was not taken: ${asked.detail ?? ''}`)
  return asked.task_id
}

async function upload({ product, photo }: World): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'photo.jpg')
  const url = `${product.url}/api/v1/memorials/m-1/media/upload`
  const answer = await fetch(url, { method: 'POST', body: form })
  const media = (await answer.json()) as { readonly media_id?: string; readonly detail?: string }
  if (media.media_id === undefined) throw new Error(`no upload: ${media.detail ?? ''}`)
  return media.media_id
}

async function meet({ product }: World, { point }: KillCase, taskId: string): Promise<boolean> {
  const deadline = performance.now() + MEET_MS
  while (performance.now() < deadline) {
    const row = product.row(taskId)
    if (row !== undefined && point.isMet(row)) return true
    if (row?.state === 'done' || row?.state === 'failed') break
    // What comes before the fleeting one.
    if (point.isFleeting === true && row?.state === 'validating') await product.blink(BLINK_MS)
    else await sleep(LOOK_MS)
  }
  product.goOn()
  return false
}

async function ended({ product }: World, taskId: string): Promise<void> {
  const deadline = performance.now() + END_MS
  while (performance.now() < deadline) {
    const state = product.row(taskId)?.state
    const isQuiet = product.all(
      'select job_id from jobs where dedupe_key = ?',
      `animation ${taskId}`,
    )
    const isOver = state === 'done' || state === 'failed' || state === 'canceled'
    if (isOver && isQuiet.length === 0) return
    await sleep(20)
  }
}
