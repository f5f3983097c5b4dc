import { bookingRefusals, faults, refusals, staffFaults } from '../../../protocol/errors.js';
import type { Route } from '../http/route.js';

/** The HTTP interface as one plain page: no script, nothing from elsewhere. */
export function docsPage(routes: readonly Route[]): string {
  const rows = routes.map(
    ({ method, path, summary, scheme, staffRole, errors }) => `
      <tr><td><code>${method}</code></td><td><code>${escaped(path)}</code></td><td>${escaped(summary)}</td>
      <td>${staffRole ?? scheme ?? 'anybody'}</td><td>${errors.map((code) => `<a href="#${code}">${code}</a>`).join(' ')}</td></tr>`,
  );
  const codes = Object.entries({ ...refusals, ...bookingRefusals, ...faults, ...staffFaults }).map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escaped(title)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Cavea: the interface</title>
<meta name="viewport" content="width=device-width">
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .35rem .6rem; vertical-align: top }
  tr + tr { border-top: 1px solid #d8dde3 } tr:target { background: #fff3c4 } code { font-size: .9em }
</style></head><body>
<h1>Cavea</h1>
<p>Machine-readable: <a href="/openapi.json">OpenAPI 3.1</a>, and the socket at <code>/v1/live</code> as
<a href="/asyncapi.json">AsyncAPI 3</a>. Errors are <code>application/problem+json</code> with a <code>code</code>.</p>
<h2>Routes</h2>
<table><tr><th></th><th>Address</th><th></th><th>Caller</th><th>Refusals</th></tr>${rows.join('')}</table>
<h2>Codes</h2>
<table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>${codes.join('')}</table>
</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
