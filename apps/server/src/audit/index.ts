/** The chain over the audit log: what makes any later change of it visible. Writing rows is `audit` of the platform. */
export { AuditCommandError, auditCommand } from './command.ts';
export { auditJobs } from './jobs.ts';
