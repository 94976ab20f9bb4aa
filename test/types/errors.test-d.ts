// The types of errors.
import { ManagerError, QueueEmptyError, QueueFullError, RemoteError, type TimeoutError, type ErrorCode } from 'commonhold';
import { compiles, typed } from './support.js';

compiles((error: unknown) => {
  if (error instanceof QueueFullError) {
    typed<number | undefined>()(error.accepted);
    const timeout: TimeoutError = error;
    return timeout;
  }
  // Errors of users' code have codes of their own.
  if (error instanceof RemoteError) return error.code === 'E_FUNDS' || error.code === 404;
  if (!(error instanceof ManagerError)) return undefined;
  typed<ErrorCode>()(error.code);
  typed<boolean>()(error.retryable);
  typed<boolean>()(error.mayHaveExecuted);
  // @ts-expect-error There is no such code.
  if (error.code === 'EMPTY') return 1;
  // @ts-expect-error It is readonly.
  error.retryable = true;
  return error.code === 'QUEUE_EMPTY' ? new QueueEmptyError('nothing', { retryable: true }) : undefined;
});
