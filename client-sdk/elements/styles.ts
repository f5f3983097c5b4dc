/** What all elements look like. Pages change it by custom properties, and by `::part()`. */
let sheet: CSSStyleSheet | undefined;

export function styles(): CSSStyleSheet {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; font: var(--cavea-font, inherit); color: var(--cavea-text, #1d1a16); }
    :host([hidden]) { display: none; }
    :host(seat-countdown) { display: inline-block; font-variant-numeric: tabular-nums; }
    button, input, select { min-height: 2.75rem; font: inherit; }
    button { padding: 0 1rem; border: 0; border-radius: var(--cavea-radius, 0.5rem); background: var(--cavea-accent, #7a1f2b); color: var(--cavea-on-accent, #fff); cursor: pointer; }
    button.quiet { background: var(--cavea-quiet, #eee8dc); color: inherit; }
    button:disabled { opacity: 0.5; cursor: default; }
    :focus-visible { outline: 3px solid var(--cavea-focus, #1f4fd8); outline-offset: 2px; }
    input, select { width: 100%; box-sizing: border-box; padding: 0 0.75rem; border: 1px solid var(--cavea-line, #8d8678); border-radius: var(--cavea-radius, 0.5rem); background: var(--cavea-back, #fff); color: inherit; }
    label { display: block; margin-bottom: 0.75rem; }
    ul { margin: 0; padding: 0; list-style: none; }
    li { display: flex; gap: 0.5rem; align-items: center; justify-content: space-between; padding: 0.375rem 0; border-bottom: 1px solid var(--cavea-line-faint, #e5ddcd); }
    p { margin: 0.5rem 0; }
    .bad { color: var(--cavea-bad, #a0221a); }
    .total { display: flex; justify-content: space-between; font-weight: 700; }
    .map { position: relative; width: 100%; height: 100%; min-height: 20rem; background: var(--cavea-back, #fff); }
    .zoom { position: absolute; right: 0.5rem; bottom: 0.5rem; z-index: 1; display: grid; gap: 0.25rem; }
    .zoom button { width: 2.75rem; padding: 0; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .card-fields, .test-cards { display: grid; gap: 0.5rem; margin-bottom: 0.75rem; }
    .test-card { display: flex; justify-content: space-between; background: var(--cavea-quiet, #eee8dc); color: inherit; }
  `);
  return sheet;
}
