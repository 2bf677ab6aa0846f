import { MillraceError } from '#shared/errors.ts';

/** Why `check` refuses, null when it does not. Anything but a MillraceError is a bug and thrown on. */
export function problemOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof MillraceError) return error.message;
    throw error;
  }
}
