// Where a key lies on the disk: each folder of keys is fanned out by the hash of the last segment, so that none grows to
// hundreds of thousands of names. `recordings/call_x.wav` is `recordings/+3f/call_x.wav`: no key has a plus sign in it.
import { createHash } from 'node:crypto'
import { opendir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isMissing } from './durable-file.ts'
import { isMediaKey } from './media-key.ts'

const FAN = /^\+[0-9a-f]{2}$/

export interface KeyPaths {
  readonly fanned: string
  /** Where earlier versions put it. */
  readonly flat: string
}

export function pathsOf(folder: string, key: string): KeyPaths {
  // A key comes from our own code: a wrong one is a defect, and its text stays out of the message.
  if (!isMediaKey(key)) throw new RangeError('not a key of the media store')
  const [parent, name] = [dirname(key), basename(key)]
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 2)
  return { fanned: join(folder, parent, `+${hash}`, name), flat: join(folder, key) }
}

/** Of all files below the folder whose key begins so, each path relative to the folder; read as it goes. */
export async function* pathsBelow(folder: string, prefix: string): AsyncGenerator<string, void> {
  const parent = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
  if (parent !== '' && !isMediaKey(parent)) return
  for await (const path of walk(folder, parent)) if (keyOf(path).startsWith(prefix)) yield path
}

/** Of a path that `pathsBelow` gave. */
export const keyOf = (path: string): string =>
  path
    .split('/')
    .filter((segment) => !FAN.test(segment))
    .join('/')

async function* walk(folder: string, parent: string): AsyncGenerator<string, void> {
  let entries
  try {
    entries = await opendir(join(folder, parent))
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  for await (const entry of entries) {
    const path = join(parent, entry.name)
    if (entry.isDirectory()) {
      // The store has folders of its own, too.
      if (FAN.test(entry.name) || isMediaKey(entry.name)) yield* walk(folder, path)
    } else if (isMediaKey(keyOf(path))) yield path
  }
}
