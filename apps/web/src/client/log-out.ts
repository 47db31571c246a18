import { ApiProblem } from '@jigeum/api';
import { api, queryClient } from '../state/api.ts';
import { isLocked } from '../state/session.ts';
import { clearDraft } from './send/send-draft.ts';

/** Ends the session at the server, then forgets everything that was shown. Throws `ApiUnknown` when the server was not reached: then nothing is forgotten. */
export async function logOut(): Promise<void> {
  try {
    await api.call('logout', {});
  } catch (error) {
    // A refusal means that the session had ended already.
    if (!(error instanceof ApiProblem)) throw error;
  }
  clearDraft();
  isLocked.set(false);
  queryClient.clear();
  // A fresh page: nothing of the member stays in memory.
  location.replace('/');
}
