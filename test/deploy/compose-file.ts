// docker-compose.yml as the rules of its tests see it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '../..')

export interface Service {
  readonly image?: string
  readonly build?: string
  readonly command?: string | readonly string[]
  readonly network_mode?: string
  readonly ports?: readonly unknown[]
  readonly environment?: Readonly<Record<string, string | number | null>>
  readonly volumes?: readonly string[]
  readonly healthcheck?: object
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly ulimits?: { readonly nofile?: { readonly soft: number } }
  readonly stop_grace_period?: string
  readonly mem_limit?: string
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** With `<<` resolved, as Docker reads it. */
export const readCompose = (text: string): ComposeFile =>
  parse(text, { merge: true }) as ComposeFile

/** What is said to be wrong with it; empty when all is well. */
export type Rule = (file: ComposeFile) => readonly string[]

const REGISTRY_HOST = /^(?:[^/]*[.:][^/]*|localhost)\//
const SECRET_NAME = /SECRET|PASSWORD|PASS$|TOKEN|API_KEY|AUTH$/
/** Without a value: handed on from .env, or unset. */
const MANDATORY = /^\$\{[A-Z][A-Z0-9_]*:\?[^}]+\}$/

const everyService = (rule: (service: Service) => readonly string[]): Rule => {
  return ({ services }) =>
    Object.entries(services).flatMap(([name, service]) =>
      rule(service).map((problem) => `${name}: ${problem}`),
    )
}

const unless = (isRight: boolean, problem: string): readonly string[] => (isRight ? [] : [problem])

export const imageRules: Rule = everyService(({ image = '' }) => {
  const [, tag = ''] = /:([^/:@]+)$/.exec(image) ?? []
  return [
    ...unless(/\d/.test(tag), `the image ${image} has no version tag`),
    ...unless(tag !== 'latest', 'latest is no version'),
    ...unless(!REGISTRY_HOST.test(image), `the image ${image} names a registry`),
  ]
})

/** Nothing is published; who shares the host's network listens on loopback, by rules of its own below. */
export const portRules: Rule = everyService(({ ports, network_mode }) => [
  ...unless(ports === undefined, 'a port is published'),
  ...unless(network_mode === 'host', 'it is not on the host’s network'),
])

export const secretRules: Rule = everyService(({ environment = {} }) =>
  Object.entries(environment)
    .filter(([name]) => SECRET_NAME.test(name))
    .flatMap(([name, value]) =>
      unless(value === null || MANDATORY.test(String(value)), `${name} has a default`),
    ),
)

export const careRules: Rule = everyService((service) => [
  ...unless(service.restart === 'unless-stopped', 'it is not started again'),
  ...unless(service.read_only === true, 'its file system can be written'),
  ...unless(service.cap_drop?.includes('ALL') === true, 'it keeps its capabilities'),
  ...unless(service.logging?.options?.['max-size'] !== undefined, 'its log grows for ever'),
  ...unless(service.mem_limit !== undefined, 'its memory has no limit'),
  ...unless(service.healthcheck !== undefined || service.build !== undefined, 'no health check'),
])

/** `source:target[:mode]`: the sources that are files of ours, without `./`. */
export const mountedPaths = ({ services }: ComposeFile): readonly string[] =>
  Object.values(services)
    .flatMap(({ volumes = [] }) => volumes)
    .flatMap((volume) => /^\.\/([^:]+):/.exec(volume)?.[1] ?? [])

export const volumeRules: Rule = (file) =>
  Object.entries(file.services).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap((volume) => {
      const [source = '', , mode] = volume.split(':')
      if (source.startsWith('./')) return unless(mode === 'ro', `${name}: ${source} can be written`)
      return unless(source in file.volumes, `${name}: there is no volume ${source}`)
    }),
  )

export const seconds = (duration: string | undefined): number =>
  Number(/^(\d+)s$/.exec(duration ?? '')?.[1] ?? Number.NaN)
