/**
 * Colours, type and sizes of the page: dense, quiet, system fonts only. What outcomes and verdicts
 * look like is in page.css as custom properties, so that rows need no component for their colour.
 */
import { createTheme, type MantineColorsTuple } from '@mantine/core'

const ink: MantineColorsTuple = [
  '#eef2ff',
  '#dfe6fd',
  '#bccaf9',
  '#95abf5',
  '#7590f0',
  '#5f7cec',
  '#4c6ae6',
  '#3b57cc',
  '#3149ad',
  '#27398a',
]

/** Surfaces of the dark scheme: blue-grey, with text that is not quite white. */
const dark: MantineColorsTuple = [
  '#e4e8ee',
  '#c2cad4',
  '#a0aab7',
  '#7d8896',
  '#38414d',
  '#262d37',
  '#1a2028',
  '#12161c',
  '#0d1015',
  '#090b0f',
]

const fonts = [
  'system-ui',
  '-apple-system',
  '"Segoe UI"',
  'Roboto',
  '"PingFang SC"',
  '"Microsoft YaHei"',
  '"Noto Sans CJK SC"',
  '"Noto Sans"',
  'sans-serif',
]

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: false,
  fontFamily: fonts.join(', '),
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  fontSizes: { xs: '11.5px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '18px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Tooltip: {
      defaultProps: {
        openDelay: 350,
        withArrow: true,
        fz: 'xs',
        transitionProps: { duration: 80 },
      },
    },
    Spotlight: {
      defaultProps: { lockScroll: false, overlayProps: { backgroundOpacity: 0.6, blur: 0 } },
    },
    Modal: {
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 90 },
        centered: true,
        radius: 'md',
      },
    },
    Menu: { defaultProps: { transitionProps: { duration: 60 }, shadow: 'md' } },
    Popover: { defaultProps: { transitionProps: { duration: 60 }, shadow: 'md' } },
    Button: { defaultProps: { size: 'xs', fw: 550 } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right' } },
    Textarea: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 80 } },
  },
})
