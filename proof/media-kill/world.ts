// What outlives the process that is killed: the simulated providers, a slow server of photos, the data folder.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { startDId, type DIdSimulator } from '../../simulators/d-id/index.ts'
import { startHeyGen, type HeyGenSimulator } from '../../simulators/heygen/index.ts'
import { Product, type ProductConfig } from './product.ts'

/** Of the photo behind the link. */
const SLOW_MS = 500

export class World {
  readonly dId: DIdSimulator
  readonly heyGen: HeyGenSimulator
  readonly video: Buffer
  readonly photo: Buffer
  readonly linkUrl: string
  readonly dataDir: string
  readonly #server: Server
  product: Product

  private constructor(parts: Omit<World, 'restart' | 'close'> & { readonly server: Server }) {
    this.dId = parts.dId
    this.heyGen = parts.heyGen
    this.video = parts.video
    this.photo = parts.photo
    this.linkUrl = parts.linkUrl
    this.dataDir = parts.dataDir
    this.product = parts.product
    this.#server = parts.server
  }

  static async open(folder: string): Promise<World> {
    const video = await aVideo(join(folder, 'result.mp4'))
    const photo = await sharp({
      create: { width: 500, height: 500, channels: 3, background: '#a86' },
    })
      .jpeg()
      .toBuffer()
    const [dId, heyGen] = [
      await startDId({ video, concurrency: 10 }),
      await startHeyGen({ video, concurrency: 10 }),
    ]
    const server = createServer((_request, response) => {
      setTimeout(() => response.end(photo), SLOW_MS).unref()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const linkUrl = `http://127.0.0.1:${port}/photo.jpg`
    const dataDir = join(folder, 'data')
    const product = await Product.start(dataDir, configOf(dId, heyGen))
    return new World({ dId, heyGen, video, photo, linkUrl, dataDir, product, server })
  }

  async restart(): Promise<void> {
    await this.product.close()
    this.product = await Product.start(this.dataDir, configOf(this.dId, this.heyGen))
  }

  async close(): Promise<void> {
    await this.product.close()
    await this.dId.close()
    await this.heyGen.close()
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** Large enough to take a moment to check and to store; not pressed hard, which costs ten times its check. */
async function aVideo(path: string): Promise<Buffer> {
  const source = 'testsrc2=s=480x480:r=25:d=2,noise=alls=30:allf=t'
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source]
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', '-pix_fmt', 'yuv420p']
  await promisify(execFile)('ffmpeg', [...input, ...coded, path])
  return readFile(path)
}

function configOf(dId: DIdSimulator, heyGen: HeyGenSimulator): ProductConfig {
  const shared = { deadlineMs: 60_000, maxJobs: 4 }
  const vendor = ({ apiKey, baseUrl }: Pick<DIdSimulator, 'apiKey' | 'baseUrl'>) => ({
    apiKey,
    baseUrl,
  })
  return {
    media: {
      dId: { ...shared, ...vendor(dId), voiceId: 'en-US-JennyNeural', webhookUrl: undefined },
      heyGen: { ...shared, ...vendor(heyGen), voiceId: 'voice_1', webhookSecret: undefined },
      defaultProvider: 'd-id',
      maxUploadBytes: 50 * 1024 * 1024,
      maxAnimationsADay: 100_000,
      resultHosts: [],
    },
    mediaTiming: {
      pollMs: { first: 100, max: 300 },
      stepRetryMs: { first: 50, max: 200 },
      retryMs: { first: 50, max: 200 },
      lookAgainMs: 300,
      watchEveryMs: 300,
    },
  }
}
