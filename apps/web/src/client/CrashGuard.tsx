import { Component, type ReactNode } from 'react';
import { useT } from '../i18n/client.ts';
import { Button } from '../ui/Button.tsx';
import { Screen } from '../ui/Screen.tsx';
import { Tick } from '../ui/Tick.tsx';

/** When a screen breaks: says that the money is safe, and offers to open the app again. */
export class CrashGuard extends Component<{ children: ReactNode }, { hasCrashed: boolean }> {
  override state = { hasCrashed: false };

  static getDerivedStateFromError(): { hasCrashed: boolean } {
    return { hasCrashed: true };
  }

  override render(): ReactNode {
    return this.state.hasCrashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const t = useT();
  return (
    <main className="public">
      <Screen
        title={t('problem.unexpected')}
        back={null}
        mark={<Tick state="stopped" tone="caution" />}
        footer={<Button onClick={() => location.assign('/')}>{t('problem.reload')}</Button>}
      />
    </main>
  );
}
