/** The background jobs of the audit log. */
import { readAuditKey } from '#config';
import type { Deps } from '#deps';
import type { Job } from '#platform';
import { createAuditKey, type AuditKey } from './audit-key.ts';
import { CHAIN_BOUNDS, chainAuditJob } from './chain-job.ts';
import { checkpointAuditJob } from './checkpoint-job.ts';

/** Chaining and signing. Any number of processes may run them. */
export const auditJobs = (deps: Deps): Job[] => [
  chainAuditJob(deps, CHAIN_BOUNDS),
  checkpointAuditJob(deps, openAuditKey(deps)),
];

function openAuditKey(deps: Pick<Deps, 'config' | 'log'>): AuditKey | null {
  const { keyFile } = deps.config.audit;
  if (keyFile === null) {
    deps.log.warn('No AUDIT_KEY_FILE is configured: the audit log is chained, and nothing of it is signed.');
    return null;
  }
  const secret = readAuditKey(keyFile);
  const key = createAuditKey(secret);
  secret.fill(0);
  return key;
}
