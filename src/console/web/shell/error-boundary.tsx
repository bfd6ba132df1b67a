/** Keeps a screen that breaks from taking the frame with it; going elsewhere begins anew. */
import { Button } from '@mantine/core'
import { IconMoodSad } from '@tabler/icons-react'
import { Component, type ReactNode } from 'react'
import { Empty } from '../parts/states.tsx'

interface Given {
  readonly children: ReactNode
  readonly texts: { readonly state: { readonly screenBroke: string; readonly retry: string } }
}

// React has no other form for this than a class.
export class ErrorBoundary extends Component<Given, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override render() {
    if (!this.state.isBroken) return this.props.children
    const { state } = this.props.texts
    return (
      <Empty icon={IconMoodSad} title={state.screenBroke}>
        <Button variant="default" onClick={() => this.setState({ isBroken: false })}>
          {state.retry}
        </Button>
      </Empty>
    )
  }
}
