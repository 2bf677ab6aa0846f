/** Arguments and exports of remote.http. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, secretOrString } from '#config/schema/types.ts';
import { checkHttpPoll, httpPollArguments } from '#components/kit/blocks/http-poll.ts';

export const args = body(
  {
    ...httpPollArguments,
    is_secret: attr(bool, { default: false, doc: 'Whether the content is exported as a secret.' }),
  },
  checkHttpPoll,
);
export type Args = Infer<typeof args>;

export const exports = body({
  content: attr(secretOrString, {
    required: true,
    doc: 'The body of the last good answer; a secret if `is_secret` is set.',
  }),
});
export type Exports = Infer<typeof exports>;
