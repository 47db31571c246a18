import { Icon } from '../../ui/Icon.tsx';

/** Shows whether a passphrase is in the clear. */
export const EyeIcon = ({ reveal }: { reveal: boolean }) => <Icon name={reveal ? 'eyeOff' : 'eye'} />;
