/** How the report looks: light and dark, on a screen and on paper. No font, picture or script from elsewhere. */

export const STYLE = `
:root { color-scheme: light dark;
  --page: #f6f7f9; --sheet: #ffffff; --ink: #1c2430; --quiet: #5d6b7e; --line: #dfe4ea; --shade: #f3f5f8;
  --good: #1a7f4b; --warn: #9a6200; --bad: #c22f2f; --good-bar: #3fa873; --warn-bar: #d99a2b; --bad-bar: #d95757; --wait: #b9c3d0; --drain: #5b8fd1; }
@media (prefers-color-scheme: dark) { :root {
  --page: #12161c; --sheet: #1a2029; --ink: #e4e9f0; --quiet: #93a1b5; --line: #2d3643; --shade: #212936;
  --good: #58c48d; --warn: #e0ac4d; --bad: #f07f7f; --good-bar: #3b9b69; --warn-bar: #b88223; --bad-bar: #c65050; --wait: #4b586a; --drain: #4a78b5; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 16px; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 40px; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
h1 { margin: 0 0 16px; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 36px 0 10px; font-size: 18px; }
p { margin: 8px 0; }
code { font: 0.88em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.verdict { padding: 14px 18px; border-left: 5px solid; border-radius: 4px; background: var(--shade); overflow-wrap: anywhere; }
.verdict strong { margin-right: 6px; font-size: 17px; }
.verdict p { margin: 2px 0 0; color: var(--quiet); }
.verdict.good { border-color: var(--good-bar); } .verdict.warn { border-color: var(--warn-bar); } .verdict.bad { border-color: var(--bad-bar); }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .quiet { color: var(--quiet); }
div.verdict { color: var(--ink); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px; margin: 8px 0; }
dt { color: var(--quiet); } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; margin: 8px 0; border-collapse: collapse; font-size: 14px; }
th { color: var(--quiet); font-weight: 500; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
th, td { padding: 5px 14px 5px 0; vertical-align: top; }
td { white-space: pre-wrap; overflow-wrap: anywhere; }
td { border-bottom: 1px solid var(--line); }
td.status, td.time, td.took, td.name { white-space: nowrap; overflow-wrap: normal; }
td.name code { overflow-wrap: normal; }
td.took { text-align: right; }
td.digest code { display: block; width: 32ch; font-size: 11.5px; line-height: 1.35; overflow-wrap: anywhere; }
table.steps { table-layout: fixed; min-width: 720px; } table.steps th:nth-child(1) { width: 104px; } table.steps th:nth-child(2) { width: 32%; }
table.steps th:nth-child(4) { width: 92px; text-align: right; } table.steps th:nth-child(5) { width: 22%; }
td.track { padding-right: 0; }
.bar { position: relative; height: 10px; margin-top: 6px; border-radius: 3px; background: var(--shade); }
.bar span { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 3px; background: var(--good-bar); }
.bar span.warn { background: var(--warn-bar); } .bar span.bad { background: var(--bad-bar); }
tr { break-inside: avoid; }
svg { display: block; width: 100%; min-width: 720px; height: auto; margin: 8px 0; }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); } svg text.quiet { fill: var(--quiet); }
svg .grid { stroke: var(--line); } svg .work { fill: var(--good-bar); } svg .waiting { fill: var(--wait); }
svg .drain { fill: var(--drain); } svg .failed { fill: var(--bad-bar); } svg .break { stroke: var(--sheet); stroke-width: 3; fill: none; }
ul { margin: 8px 0; padding-left: 20px; }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 24px 40px; margin-top: 12px; break-inside: avoid; }
.sign div { padding-top: 44px; } .sign div > p { margin: 0; padding-top: 4px; border-top: 1px solid var(--ink); }
.sign small { color: var(--quiet); }
footer { margin-top: 36px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
@media (max-width: 640px) { main { padding: 20px 16px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } .sign { grid-template-columns: 1fr; } }
@media print {
  :root { color-scheme: light; --page: #fff; --sheet: #fff; --ink: #000; --quiet: #444; --line: #bbb; --shade: #f2f2f2;
    --good: #14603a; --warn: #7a4d00; --bad: #9c1f1f; --good-bar: #3fa873; --warn-bar: #d99a2b; --bad-bar: #d95757; --wait: #b9c3d0; --drain: #5b8fd1; }
  @page { margin: 16mm 14mm; }
  body { padding: 0; font-size: 11px; } main { max-width: none; padding: 0; border: 0; }
  table { font-size: 10.5px; } h2 { break-after: avoid; margin-top: 22px; } thead { display: table-header-group; }
  .bar, .bar span, svg, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .wide { overflow: visible; } table.steps, svg { min-width: 0; } footer { font-size: 10px; }
  table.steps th:nth-child(1) { width: 78px; } table.steps th:nth-child(4) { width: 66px; }
}
`;
