/**
 * The page at `/`: what runs, how it is, and where to look further. Plain HTML without scripts.
 */
import type { ComponentState } from '../graph/controller.ts';

export interface PageFacts {
  readonly version: string;
  /** Path of the configuration. */
  readonly config: string;
  readonly ready: boolean;
  /** Ends with a slash. */
  readonly uiPrefix: string;
  readonly components: readonly ComponentState[];
}

/** Nothing of the page may load or run anything. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function page({ version, config, ready, uiPrefix, components }: PageFacts): string {
  const rows = components.map(({ node, health }) => {
    const url = `${uiPrefix}api/v0/web/components/${node.id.split('/').map(encodeURIComponent).join('/')}`;
    return `<tr><td class="${health.state}">${health.state}</td><td><a href="${escape(url)}">${escape(node.id)}</a></td><td>${escape(health.message)}</td></tr>`;
  });
  const links = ['/-/ready', '/-/healthy', '/metrics', '/metrics/derived', `${uiPrefix}api/v0/web/components`];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>millrace</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
.healthy { color: #2a7d3f } .unhealthy, .exited { color: #c0392b; font-weight: 600 } .unknown { color: #888 }
</style>
<h1>millrace ${escape(version)}</h1>
<p>${ready ? 'Running' : 'Not ready:'} ${escape(config)}</p>
<h2>Components</h2>
<table>
<tr><th>Health<th>Component<th>Message</tr>
${rows.join('\n')}
</table>
<h2>Endpoints</h2>
<ul>
${links.map((link) => `<li><a href="${escape(link)}">${escape(link)}</a></li>`).join('\n')}
<li><code>POST /-/reload</code></li>
</ul>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
