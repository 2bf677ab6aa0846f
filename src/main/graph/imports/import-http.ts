/** `import.http`: the module is what lies behind a URL. Facts: grafana/alloy `importsource/import_http.go`. */
import { checkHttpPoll, httpPollArguments } from '#components/kit/blocks/http-poll.ts';
import type { Provider } from '#components/kit/component.ts';
import type { Exports } from '#components/remote/http/schema.ts';
import { body } from '#config/schema/schema.ts';
import { importBlock, type ImportedModule } from './import-block.ts';

export const importHttp = importBlock({
  name: 'import.http',
  stability: 'generally-available',
  summary: 'Imports custom components from a URL.',
  args: body(httpPollArguments, checkHttpPoll),
  local: false,
  create(args, ctx) {
    const moduleOf = ({ content }: Exports): ImportedModule => ({
      sources: [{ name: ctx.id, bytes: Buffer.from(content as string) }],
      path: folderOf(args.url),
    });
    let polled: Provider<Exports> | null = null;
    let isStopped = false;
    return {
      async start() {
        // The HTTP client is loaded by those who use it.
        const { create } = await import('#components/remote/http/provider.ts');
        const publish = (exports: Exports): void => ctx.publish(moduleOf(exports));
        polled = create({ ...args, is_secret: false }, { ...ctx, publish });
        if (isStopped) await polled.stop();
        return moduleOf(await polled.start());
      },
      async stop() {
        isStopped = true;
        await polled?.stop();
      },
    };
  },
});

/** The URL up to its last slash, as Alloy has it; without user and password. */
const folderOf = (url: string): string =>
  url.slice(0, url.lastIndexOf('/') + 1).replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
