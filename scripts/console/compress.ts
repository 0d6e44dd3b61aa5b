// Beside each text file its .br and .gz, as small as they get: made once, sent often.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TEXT = /\.(?:js|css|svg|json|txt|wasm|map)$/
const AS_GZIP = { level: constants.Z_BEST_COMPRESSION }

export const gzipped = (content: Buffer): Promise<Buffer> => promisify(gzip)(content, AS_GZIP)

const brotli = (content: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })

export async function compressTexts(folder: string): Promise<void> {
  const names = await readdir(folder)
  const texts = names.filter((name) => TEXT.test(name))
  await Promise.all(
    texts.map(async (name) => {
      const path = join(folder, name)
      const content = await readFile(path)
      await writeFile(`${path}.gz`, await gzipped(content))
      await writeFile(`${path}.br`, await brotli(content))
    }),
  )
}
