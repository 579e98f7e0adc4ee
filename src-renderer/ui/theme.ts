import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const violet: MantineColorsTuple = [
  '#efedfc',
  '#d9d4f8',
  '#bdb4f0',
  '#a397fa',
  '#8a7bec',
  '#7264e0',
  '#6556d6',
  '#5b4bc8',
  '#4c3db4',
  '#3d3096',
]

/** Mantine's parts in the console's measures: 28 px controls, 4 px corners, 13 px Plex. */
export const theme = createTheme({
  primaryColor: 'violet',
  colors: { violet },
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  headings: { fontFamily: 'var(--font-sans)', fontWeight: '600' },
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '14px', xl: '16px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '20px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '4px', lg: '6px', xl: '6px' },
  defaultRadius: 'sm',
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    Tooltip: {
      defaultProps: {
        openDelay: 250,
        multiline: true,
        maw: 360,
        withArrow: false,
        offset: 4,
        transitionProps: { duration: 0 },
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        transitionProps: { duration: 0 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 0 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'none', offset: 4 } },
    Popover: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'none', offset: 4 } },
    Select: {
      defaultProps: {
        comboboxProps: { transitionProps: { duration: 0 }, shadow: 'none', offset: 4 },
        allowDeselect: false,
        checkIconPosition: 'right',
      },
    },
    Switch: { defaultProps: { size: 'xs', withThumbIndicator: false } },
    Checkbox: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { hideControls: true } },
  },
})

const roles = {
  '--mantine-color-body': 'var(--bg-page)',
  '--mantine-color-text': 'var(--fg)',
  '--mantine-color-bright': 'var(--fg)',
  '--mantine-color-dimmed': 'var(--fg-3)',
  '--mantine-color-placeholder': 'var(--fg-3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--bg-page)',
  '--mantine-color-default-hover': 'var(--bg-hover)',
  '--mantine-color-default-color': 'var(--fg)',
  '--mantine-color-default-border': 'var(--line-control)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-disabled': 'var(--bg-raised)',
  '--mantine-color-disabled-color': 'var(--fg-disabled)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent-solid)',
  '--mantine-primary-color-filled-hover': 'var(--accent-solid-hover)',
  '--mantine-primary-color-contrast': 'var(--fg-on-solid)',
  '--mantine-color-violet-filled': 'var(--accent-solid)',
  '--mantine-color-violet-filled-hover': 'var(--accent-solid-hover)',
}

/** Points Mantine's colours at the tokens, so that both themes come from one place. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, dark: roles, light: roles })
