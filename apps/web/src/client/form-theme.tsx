/** Mantine's form controls in our own material: headless, so that no look of the library's own is left. */
import { createTheme, HeadlessMantineProvider, type MantineThemeOverride } from '@mantine/core';
import type { ReactNode } from 'react';
import './form-theme.css';

const wrapper = {
  root: 'field',
  label: 'field-label',
  required: 'field-required',
  description: 'field-hint',
  error: 'field-error',
  wrapper: 'field-box',
  section: 'field-section',
  input: 'field-input',
};

const theme: MantineThemeOverride = createTheme({
  components: {
    TextInput: { defaultProps: { classNames: wrapper, inputWrapperOrder: ['label', 'input', 'error', 'description'] } },
    Textarea: { defaultProps: { classNames: wrapper } },
    NativeSelect: { defaultProps: { classNames: wrapper } },
    PasswordInput: {
      defaultProps: {
        classNames: { ...wrapper, innerInput: 'field-input', visibilityToggle: 'field-eye', input: 'field-inner' },
        inputWrapperOrder: ['label', 'input', 'error', 'description'],
      },
    },
    Checkbox: {
      defaultProps: {
        classNames: {
          root: 'tickbox',
          body: 'tickbox-body',
          inner: 'tickbox-inner',
          input: 'tickbox-input',
          icon: 'tickbox-icon',
          labelWrapper: 'tickbox-text',
          label: 'tickbox-label',
          error: 'field-error',
        },
      },
    },
    Switch: {
      defaultProps: {
        classNames: {
          root: 'switch',
          body: 'switch-body',
          input: 'switch-input hidden-visually',
          track: 'switch-track',
          thumb: 'switch-thumb',
          labelWrapper: 'switch-text',
          label: 'switch-label',
          description: 'field-hint',
        },
      },
    },
    SegmentedControl: {
      defaultProps: {
        classNames: {
          root: 'segments',
          control: 'segments-control',
          input: 'segments-input hidden-visually',
          label: 'segments-label',
          innerLabel: 'segments-text',
          indicator: 'segments-indicator',
        },
        withItemsBorders: false,
        transitionDuration: 0,
      },
    },
  },
});

export function FormTheme({ children }: { children: ReactNode }) {
  return <HeadlessMantineProvider theme={theme}>{children}</HeadlessMantineProvider>;
}
