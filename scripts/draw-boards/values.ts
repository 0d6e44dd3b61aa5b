// A value as Grafana writes it: in its unit, in words where it has some, in the colour of its threshold.
import type { FieldLooks } from './board-file.ts'

const COLORS: Readonly<Record<string, string>> = {
  green: '#73bf69',
  yellow: '#e0b400',
  blue: '#5794f2',
  orange: '#ff9830',
  red: '#f2495c',
  purple: '#b877d9',
  gray: '#8e8e8e',
  text: 'currentColor',
}
const SHADES: Readonly<Record<string, string>> = {
  'super-light': '38%',
  light: '22%',
  'semi-dark': '18%',
  dark: '35%',
}

/** `dark-red`, `#ff0000`. */
export function colorOf(name: string): string {
  const [, shade = '', base = name] = /^(super-light|light|semi-dark|dark)-(\w+)$/.exec(name) ?? []
  const color = COLORS[base] ?? base
  if (shade === '') return color
  return `color-mix(in srgb, ${color}, ${shade.endsWith('dark') ? 'black' : 'white'} ${SHADES[shade] ?? '0%'})`
}

const PALETTE = [
  '#73bf69',
  '#e0b400',
  '#5794f2',
  '#ff9830',
  '#f2495c',
  '#b877d9',
  '#37a2a2',
  '#c4734f',
]
export const paletteColor = (index: number): string => PALETTE[index % PALETTE.length] ?? ''

const KNOWN: Readonly<Record<string, (value: number, decimals?: number) => string>> = {
  percentunit: (value, decimals) => `${fixed(value * 100, decimals)} %`,
  percent: (value, decimals) => `${fixed(value, decimals)} %`,
  currencyUSD: (value, decimals) => `$${fixed(value, decimals ?? (Math.abs(value) < 10 ? 2 : 0))}`,
  bytes: (value, decimals) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], decimals),
  decbytes: (value, decimals) => scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB'], decimals),
  s: seconds,
  dtdurations: seconds,
  ms: (value, decimals) => seconds(value / 1000, decimals),
  d: (value, decimals) => `${fixed(value, decimals)} d`,
  h: (value, decimals) => `${fixed(value, decimals)} h`,
  short: (value, decimals) => scaled(value, 1000, ['', ' K', ' Mil'], decimals, ''),
  none: (value, decimals) => fixed(value, decimals),
  cps: (value, decimals) => `${fixed(value, decimals)} c/s`,
  reqps: (value, decimals) => `${fixed(value, decimals)} req/s`,
  ops: (value, decimals) => `${fixed(value, decimals)} ops/s`,
  pps: (value, decimals) => `${scaled(value, 1000, ['', ' k'], decimals, '')} p/s`,
  mps: (value, decimals) => `${fixed(value, decimals)} msg/s`,
  dateTimeFromNow: (value) => new Date(value).toISOString().slice(0, 16).replace('T', ' '),
}

export function written(value: number, looks: FieldLooks): string {
  if (Number.isNaN(value)) return 'NaN'
  const inWords = meaningOf(value, looks)?.text
  if (inWords !== undefined) return inWords
  const write = KNOWN[looks.unit ?? 'none']
  if (write) return write(value, looks.decimals)
  return `${fixed(value, looks.decimals)} ${looks.unit ?? ''}`
}

const meaningOf = (value: number, { mappings = [] }: FieldLooks) =>
  mappings.find(({ type }) => type === 'value')?.options[String(value)]

export function colorOfValue(value: number, looks: FieldLooks): string | undefined {
  const named = meaningOf(value, looks)?.color
  const step = looks.thresholds?.steps.findLast(({ value: from }) => from === null || value >= from)
  const name = named ?? step?.color
  return name === undefined ? undefined : colorOf(name)
}

/** Three figures that mean something, where nobody says how many. */
function fixed(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals)
  if (!Number.isFinite(value)) return String(value)
  const whole = Math.abs(value)
  const wanted = whole === 0 || whole >= 100 ? 0 : whole >= 10 ? 1 : whole >= 1 ? 2 : 3
  return String(Number(value.toFixed(wanted)))
}

function scaled(
  value: number,
  base: number,
  names: readonly string[],
  decimals?: number,
  between = ' ',
): string {
  let power = 0
  while (Math.abs(value) >= base ** (power + 1) && power < names.length - 1) power += 1
  return `${fixed(value / base ** power, decimals)}${between}${names[power] ?? ''}`.trimEnd()
}

function seconds(value: number, decimals?: number): string {
  const whole = Math.abs(value)
  if (whole >= 86_400) return `${fixed(value / 86_400, decimals)} day`
  if (whole >= 3600) return `${fixed(value / 3600, decimals)} hour`
  if (whole >= 60) return `${fixed(value / 60, decimals)} min`
  if (whole >= 1 || whole === 0) return `${fixed(value, decimals)} s`
  return whole >= 0.001
    ? `${fixed(value * 1000, decimals)} ms`
    : `${fixed(value * 1e6, decimals)} µs`
}
