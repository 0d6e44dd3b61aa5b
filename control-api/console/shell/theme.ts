// Colours and sizes. Every pair of text and ground here has a contrast of 4.5 or more (WCAG 2.2, 1.4.3), light and dark.
import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

/** A quiet blue; 7 carries white text, 3 is readable on the dark ground. */
const signal: MantineColorsTuple = [
  '#eef5fc',
  '#dbe8f5',
  '#b5d0ec',
  '#8cb7e3',
  '#6aa1db',
  '#4f8fd2',
  '#3a7dc2',
  '#1c5d99',
  '#17507f',
  '#0f3d63',
]

/** Light badges and alerts, and white on red: Mantine's own colours are too near to each other. */
const variants: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const name = input.color ?? input.theme.primaryColor
  const shades = input.theme.colors[name]
  if (input.variant === 'filled' && name === 'red' && shades)
    return { ...colors, background: shades[9], hover: shades[9], color: '#ffffff' }
  if (input.variant !== 'light' || !shades) return colors
  return {
    ...colors,
    color: `light-dark(color-mix(in srgb, ${shades[9]} 72%, black), ${shades[2]})`,
  }
}

export const theme = createTheme({
  primaryColor: 'signal',
  primaryShade: { light: 7, dark: 7 },
  colors: { signal },
  autoContrast: true,
  luminanceThreshold: 0.3,
  variantColorResolver: variants,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  defaultRadius: 'md',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
})

export const variables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c6670',
    '--mantine-color-placeholder': '#69737d',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': colors['signal']?.[7] ?? '#1c5d99',
    '--mantine-color-body': '#fbfcfd',
  },
  dark: {
    '--mantine-color-dimmed': '#a3adb8',
    '--mantine-color-placeholder': '#98a2ad',
    '--mantine-color-error': '#ff9a91',
    '--mantine-color-anchor': colors['signal']?.[3] ?? '#8cb7e3',
    '--mantine-color-body': '#14181d',
  },
})
