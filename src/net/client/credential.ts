/** A secret as the configuration gives it: its text, or the file that holds it. Plain data. */
import { readFile } from 'node:fs/promises';
import { errorText, MillraceError } from '#shared/errors.ts';

export type Credential = { readonly text: string } | { readonly file: string };

/** Longest secret that a file may hold. */
const MAX_BYTES = 64 * 1024;

/**
 * The secret itself; a file is read anew each time, without the blanks around its text. `what` names the argument in the
 * MillraceError, the text itself stays unsaid.
 */
export async function readCredential(credential: Credential, what: string): Promise<string> {
  if ('text' in credential) return credential.text;
  let text: string;
  try {
    text = await readFile(credential.file, 'utf8');
  } catch (error) {
    throw new MillraceError('credential_file', `cannot read the ${what} ${credential.file}: ${errorText(error)}`, {
      cause: error,
    });
  }
  if (text.length > MAX_BYTES)
    throw new MillraceError('credential_file', `the ${what} ${credential.file} is too long for a secret`);
  return text.trim();
}
